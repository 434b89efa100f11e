//! The servers start, keep their data over a restart, and leave nothing behind.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use testkit::{Nats, Postgres};

#[test]
fn postgres_keeps_acknowledged_rows_over_a_crash() {
    let postgres = Postgres::start();
    let url = postgres.create_database("awards");
    assert_eq!(url, postgres.url("awards"));
    postgres.execute(
        "awards",
        "CREATE TABLE dossier (id INT); INSERT INTO dossier VALUES (1), (2)",
    );

    postgres.kill();
    assert!(TcpStream::connect(("127.0.0.1", postgres.port())).is_err());
    postgres.restart();
    assert_eq!(postgres.execute("awards", "SELECT id FROM dossier ORDER BY id"), "1\n2");

    postgres.restart();
    assert_eq!(postgres.execute("awards", "SELECT count(*) FROM dossier"), "2");
    assert!(TcpStream::connect(("127.0.0.1", postgres.port())).is_ok());
}

#[test]
fn postgres_is_durable_unless_a_test_asks_otherwise() {
    let settings = "SELECT current_setting('fsync'), current_setting('synchronous_commit')";
    assert_eq!(Postgres::shared().execute("postgres", settings), "on|on");
    let careless = Postgres::start_with(&[("fsync", "off")]);
    assert_eq!(careless.execute("postgres", settings), "off|on");
}

#[test]
fn each_test_gets_a_database_of_its_own() {
    let (one, other) = (Postgres::shared().fresh_database(), Postgres::shared().fresh_database());
    assert_ne!(one, other);
}

#[test]
fn nats_comes_back_on_its_port_with_its_streams() {
    let nats = Nats::start();
    let create = r#"{"name":"AWARDS","subjects":["awards.>"],"storage":"file","retention":"limits","max_consumers":-1,"max_msgs":-1,"max_bytes":-1,"max_age":0,"num_replicas":1}"#;
    assert!(ask(&nats, "$JS.API.STREAM.CREATE.AWARDS", create).contains("did_create\":true"));

    nats.kill();
    nats.restart();
    assert!(ask(&nats, "$JS.API.STREAM.NAMES", "{}").contains("AWARDS"));

    nats.restart_empty();
    assert!(!ask(&nats, "$JS.API.STREAM.NAMES", "{}").contains("AWARDS"));
}

#[test]
fn a_server_ends_with_its_value_even_if_it_hangs() {
    let nats = Nats::start();
    let port = nats.port();
    nats.pause();
    drop(nats);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how the test tells the copy of itself that it is the victim"
)]
fn a_killed_test_process_leaves_nothing_behind() {
    const REPORT: &str = "TESTKIT_VICTIM_REPORT";
    if let Some(report) = std::env::var_os(REPORT) {
        be_killed(Path::new(&report));
    }
    let report = std::env::temp_dir().join(format!("vinhdanh-{}-victim", std::process::id()));
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_test_process_leaves_nothing_behind"])
        .env(REPORT, &report)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let ports = until("the victim's servers run", || {
        assert!(
            victim.try_wait().unwrap().is_none(),
            "the victim could not start its servers"
        );
        std::fs::read_to_string(&report).ok()
    });
    let ports: Vec<u16> = ports.split(' ').map(|port| port.parse().unwrap()).collect();
    let own = format!("vinhdanh-{}-", victim.id());
    let left = || {
        let names = std::fs::read_dir(std::env::temp_dir())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with(&own)).count()
    };
    assert_eq!(left(), 2);

    victim.kill().unwrap();
    victim.wait().unwrap();
    until("servers and folders are gone", || {
        let dead = ports
            .iter()
            .all(|port| TcpStream::connect(("127.0.0.1", *port)).is_err());
        (dead && left() == 0).then_some(())
    });
    std::fs::remove_file(report).unwrap();
}

/// Starts servers, writes their ports to `report`, and waits for the end.
fn be_killed(report: &Path) -> ! {
    let (nats, postgres) = (Nats::start(), Postgres::start());
    let draft = report.with_extension("draft");
    std::fs::write(&draft, format!("{} {}", nats.port(), postgres.port())).unwrap();
    std::fs::rename(&draft, report).unwrap();
    loop {
        std::thread::park();
    }
}

/// What `condition` gives in the end, within a minute.
fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    for _ in 0..6_000 {
        if let Some(value) = condition() {
            return value;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
    panic!("waited a minute in vain until {what}");
}

/// One request over the wire protocol: this crate has no client.
fn ask(nats: &Nats, subject: &str, body: &str) -> String {
    use std::io::{BufRead, BufReader, Write};
    let mut stream = TcpStream::connect(("127.0.0.1", nats.port())).unwrap();
    let request = format!(
        "CONNECT {{\"verbose\":false}}\r\nSUB reply 1\r\nPUB {subject} reply {}\r\n{body}\r\n",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    lines.find(|line| line.starts_with("MSG reply")).unwrap();
    lines.next().unwrap()
}
