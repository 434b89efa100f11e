//! Three of every service at once, on one PostgreSQL and one NATS: whoever is asked, each act is done once.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_of_every_service_do_each_act_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let played = faults::three_of_each(tests::program(), 12, 2025, folder.path()).await;
    assert_eq!(played.problems, Vec::<String>::new());
    let report = played.report.expect("a judgement");
    assert!(report.is_clean(), "{}", report.text());
    let [begun, done, ..] = played.work;
    assert_eq!((begun, done), (12, 12), "every dossier comes to its end");
}
