//! Clients that mean harm: whatever they do to their own connections, others are served, and memory has a bound.

use std::time::Duration;

use access::Role;
use fuzz::{
    house::{House, WARD},
    memory::resident_kib,
    raw::{self, PREFACE, closed_within, field, frame, kind},
};
use h2::client::SendRequest;
use host::limits::Limits;
use http::Request;
use prost::bytes::Bytes;
use proto::{approval::v1::ListTasksRequest, intake::v1::CheckDossierRequest};
use tests::acting;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};
use tonic::{Code, metadata::MetadataValue};

/// What buffers and caches with a bound may come to; an attack that is stored would be far more.
const GROWTH_KIB: u64 = 96 << 10;
const LIST: &str = "/vinhdanh.approval.v1.ApprovalService/ListTasks";

struct Siege {
    house: House,
    address: String,
    before: u64,
    _data: tempfile::TempDir,
}

impl Siege {
    async fn begin(limits: Limits) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let house = House::start_within(data.path(), None, limits).await;
        let address = house.url().trim_start_matches("http://").to_owned();
        let siege = Self {
            house,
            address,
            before: 0,
            _data: data,
        };
        siege.others_are_served().await;
        Self {
            before: resident_kib(),
            ..siege
        }
    }

    /// An ordinary caller, on a connection of its own, in the midst of it.
    async fn others_are_served(&self) {
        let officer = acting(&self.house.installation, &format!("officer@{WARD}"));
        let mut approval = officer.approval();
        let list = approval.list_tasks(ListTasksRequest::default());
        let answered = tokio::time::timeout(Duration::from_secs(20), list).await;
        answered.expect("an answer").expect("a worklist");
    }

    /// Afterwards everything is as it was.
    async fn end(self) {
        self.others_are_served().await;
        let after = resident_kib();
        assert!(after < self.before + GROWTH_KIB, "from {} to {after} KiB", self.before);
        self.house.a_dossier_passes("300/QĐ-UBND").await;
    }

    async fn connect(&self, builder: &h2::client::Builder) -> (SendRequest<Bytes>, tokio::task::JoinHandle<()>) {
        let stream = TcpStream::connect(&self.address).await.expect("a connection");
        let (sender, connection) = builder.handshake(stream).await.expect("a greeting");
        let connection = tokio::spawn(async move {
            let _ = connection.await;
        });
        (sender, connection)
    }

    fn request(&self, path: &str) -> Request<()> {
        Request::post(format!("http://{}{path}", self.address))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("authorization", self.house.token(Role::Officer, WARD))
            .body(())
            .expect("a request")
    }

    /// The head of a call, spelled out, as far as strangers get.
    fn head(&self) -> Vec<u8> {
        [
            field(":method", "POST"),
            field(":scheme", "http"),
            field(":path", LIST),
            field(":authority", &self.address),
            field("content-type", "application/grpc"),
        ]
        .concat()
    }
}

/// Enough for the tests of a second, not of ten.
fn hasty() -> Limits {
    Limits {
        greeting_s: 1,
        request_s: 1,
        ..Limits::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_and_headers_have_a_limit() {
    let siege = Siege::begin(Limits::default()).await;
    let officer = acting(&siege.house.installation, &format!("officer@{WARD}"));
    let check = async |bytes: usize| {
        let request = CheckDossierRequest {
            content: "x".repeat(bytes),
            ..CheckDossierRequest::default()
        };
        officer
            .intake()
            .check_dossier(request)
            .await
            .expect_err("it is no dossier")
            .code()
    };
    // Field, length and content are the message: five bytes more than the content.
    assert_eq!(check((4 << 20) - 5).await, Code::InvalidArgument);
    assert_eq!(check((4 << 20) + 1).await, Code::ResourceExhausted);
    assert_eq!(check(32 << 20).await, Code::ResourceExhausted);

    let mut request = tonic::Request::new(ListTasksRequest::default());
    let long = MetadataValue::try_from("x".repeat(100_000)).expect("plain text");
    request.metadata_mut().insert("x-long", long);
    officer
        .approval()
        .list_tasks(request)
        .await
        .expect_err("its headers are too long");
    // A client that does not keep to the limit that it was told.
    let mut stream = raw::greeted(&siege.address).await.expect("a greeting");
    let filler: Vec<u8> = (0..100)
        .flat_map(|n| field(&format!("x-{n}"), &"x".repeat(120)))
        .collect();
    let head = [siege.head(), filler].concat();
    let _ = stream.write_all(&frame(kind::HEADERS, 4, 1, &head)).await;
    siege.others_are_served().await;
    // And one that goes on for ever.
    let mut stream = raw::greeted(&siege.address).await.expect("a greeting");
    let _ = stream.write_all(&frame(kind::HEADERS, 0, 1, &siege.head())).await;
    for _ in 0..10_000 {
        let more = frame(
            kind::CONTINUATION,
            0,
            1,
            &field("x", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        );
        if stream.write_all(&more).await.is_err() {
            break;
        }
    }
    assert!(
        closed_within(&mut stream, Duration::from_secs(20)).await,
        "headers without end"
    );
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_begins_and_does_not_go_on_is_waited_for_a_while_only() {
    const EACH: usize = 40;
    let siege = Siege::begin(hasty()).await;
    let mut unspoken = Vec::new();
    let mut begun = Vec::new();
    for n in 0..EACH {
        let mut silent = TcpStream::connect(&siege.address).await.expect("a connection");
        if n % 2 == 0 {
            silent
                .write_all(&PREFACE[..n % PREFACE.len()])
                .await
                .expect("a part of it");
        }
        unspoken.push(silent);
        let mut stream = raw::greeted(&siege.address).await.expect("a greeting");
        let head = frame(kind::HEADERS, 0, 1, &siege.head());
        let cut = 1 + n * (head.len() - 1) / EACH;
        stream.write_all(&head[..cut]).await.expect("a part of it");
        begun.push(stream);
    }
    // Calls whose message never comes whole. They hold no place while it is waited for.
    let builder = h2::client::Builder::new();
    let (sender, _connection) = siege.connect(&builder).await;
    let mut halves = Vec::new();
    for _ in 0..EACH * 4 {
        let mut sender = sender.clone().ready().await.expect("a stream");
        let (answer, mut body) = sender.send_request(siege.request(LIST), false).expect("a call");
        let half = Bytes::from_static(&[0, 0, 0, 0, 200, 1, 2, 3]);
        body.send_data(half, false).expect("half a message");
        halves.push((answer, body));
    }
    siege.others_are_served().await;
    for (answer, _body) in halves {
        let answer = tokio::time::timeout(Duration::from_secs(20), answer).await;
        let answer = answer.expect("it is not waited for").expect("an answer");
        assert_eq!(
            answer.headers().get("grpc-status").map(http::HeaderValue::as_bytes),
            Some(&b"4"[..])
        );
    }
    for mut stream in unspoken {
        assert!(
            closed_within(&mut stream, Duration::from_secs(20)).await,
            "a silent connection"
        );
    }
    siege.others_are_served().await;
    drop(begun);
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_are_taken_back_at_once_cost_their_own_connection() {
    let siege = Siege::begin(Limits::default()).await;
    let mut sent = 0;
    for _ in 0..10 {
        let (mut sender, connection) = siege.connect(&h2::client::Builder::new()).await;
        for _ in 0..2_000 {
            let Ok(ready) = sender.clone().ready().await else { break };
            sender = ready;
            match sender.send_request(siege.request(LIST), false) {
                Ok((_, mut stream)) => stream.send_reset(h2::Reason::CANCEL),
                Err(_) => break,
            }
            sent += 1;
        }
        drop(sender);
        siege.others_are_served().await;
        connection.abort();
    }
    assert!(sent > 100, "{sent}");
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_are_counted() {
    let limits = Limits {
        connections_per_address: 40,
        ..Limits::default()
    };
    let siege = Siege::begin(limits).await;
    let mut idle = Vec::new();
    let mut turned_away = 0;
    for _ in 0..80 {
        let Ok(mut stream) = raw::greeted(&siege.address).await else {
            turned_away += 1;
            continue;
        };
        if closed_within(&mut stream, Duration::from_millis(20)).await {
            turned_away += 1;
        } else {
            idle.push(stream);
        }
    }
    assert!(
        turned_away >= 40 && idle.len() <= 40,
        "{turned_away} turned away, {} idle",
        idle.len()
    );
    drop(idle);
    let served = async || {
        let officer = acting(&siege.house.installation, &format!("officer@{WARD}"));
        officer.approval().list_tasks(ListTasksRequest::default()).await.ok()
    };
    tests::until(20, "a place", served).await;
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_no_answers_gets_no_more_of_them() {
    let limits = Limits {
        calls_per_person: 50,
        ..Limits::default()
    };
    let siege = Siege::begin(limits).await;
    let mut closed = h2::client::Builder::new();
    closed.initial_window_size(0).initial_connection_window_size(65_535);
    let (sender, _connection) = siege.connect(&closed).await;
    let mut held = Vec::new();
    let mut refused = 0;
    for _ in 0..200 {
        let mut sender = sender.clone().ready().await.expect("a stream");
        let (answer, mut body) = sender.send_request(siege.request(LIST), false).expect("a call");
        // One that is refused is over before its message is sent.
        let _ = body.send_data(Bytes::from_static(&[0; 5]), true);
        let answer = tokio::time::timeout(Duration::from_secs(20), answer).await;
        let answer = answer.expect("an answer").expect("its head");
        if answer.headers().contains_key("grpc-status") {
            refused += 1;
        } else {
            held.push(answer);
        }
    }
    assert_eq!((held.len(), refused), (50, 150));
    // Another person is served beside it, and this one again once the answers are let go.
    let leader = acting(&siege.house.installation, &format!("leader@{WARD}"));
    leader
        .approval()
        .list_tasks(ListTasksRequest::default())
        .await
        .expect("a worklist");
    drop(held);
    siege.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_control_frames_are_not_stored() {
    const FRAMES: usize = 50_000;
    let siege = Siege::begin(Limits::default()).await;
    for flood in [
        frame(kind::PING, 0, 0, &[7; 8]),
        frame(kind::SETTINGS, 0, 0, &[0, 4, 0, 0, 255, 255]),
        frame(kind::WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
    ] {
        let mut stream = raw::greeted(&siege.address).await.expect("a greeting");
        let chunk = flood.repeat(500);
        // Its answers are not read: sooner or later the server stops reading too, and that is as good as an end.
        for _ in 0..FRAMES / 500 {
            let written = tokio::time::timeout(Duration::from_millis(500), stream.write_all(&chunk)).await;
            if !matches!(written, Ok(Ok(()))) {
                break;
            }
        }
        siege.others_are_served().await;
    }
    siege.end().await;
}
