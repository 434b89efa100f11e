//! Five times what the services can do, by clients that come again at once. A program of its own: it takes the machine.

use std::time::Duration;

use fuzz::{house::House, overload};

/// `cargo run -p fuzz -- overload --seconds 60` for the whole minute.
const LOAD: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_are_made_while_lists_are_refused_and_then_all_is_as_before() {
    let data = tempfile::tempdir().expect("a folder");
    let house = House::start(data.path(), None).await;
    let outcome = overload::run(&house, LOAD).await;
    println!("{outcome:#?}");
    assert!(
        outcome.asked_per_s > 2.0 * outcome.capacity_per_s,
        "it was no overload: {:.0} a second asked for, {:.0} can be had",
        outcome.asked_per_s,
        outcome.capacity_per_s
    );
    assert!(outcome.refused > 0, "nobody was told to come again");
    let odd: Vec<_> = outcome.odd.iter().take(5).collect();
    assert!(
        outcome.odd.is_empty(),
        "{} answers say nothing, e.g. {odd:?}",
        outcome.odd.len()
    );
    assert!(outcome.decisive_tried > 20, "{}", outcome.decisive_tried);
    assert!(
        outcome.decisive_done * 100 >= outcome.decisive_tried * 99,
        "{} of {} steps of dossiers",
        outcome.decisive_done,
        outcome.decisive_tried
    );
    assert!(outcome.timers.is_some(), "deadlines were not acted on");
    assert!(outcome.recovered.is_some(), "no recovery within 10 seconds");
    house.is_quiet().await;
    house.is_sound().await;
}
