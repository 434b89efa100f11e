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
    assert_eq!(outcome.wrong(), Vec::<String>::new());
    house.is_quiet().await;
    house.is_sound().await;
}
