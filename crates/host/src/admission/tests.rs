use std::convert::Infallible;

use tokio::sync::Notify;

use super::*;

/// More than a message may hold.
static LARGE: [u8; (4 << 20) + 6] = [0; (4 << 20) + 6];

#[test]
fn a_method_that_nobody_thought_of_goes_first() {
    for (path, class) in [
        ("/vinhdanh.council.v1.CouncilService/CastBallot", Class::Decisive),
        ("/vinhdanh.approval.v1.ApprovalService/DecideDossiers", Class::Decisive),
        ("/vinhdanh.intake.v1.IntakeService/SubmitDossiers", Class::Decisive),
        ("/vinhdanh.approval.v1.ApprovalService/Something", Class::Decisive),
        ("/vinhdanh.approval.v1.ApprovalService/ListTasks", Class::Interactive),
        ("/vinhdanh.approval.v1.ApprovalService/PreviewAct", Class::Interactive),
        ("/vinhdanh.intake.v1.IntakeService/CheckDossier", Class::Interactive),
        ("/vinhdanh.intake.v1.IntakeService/CreateDossier", Class::Background),
        (
            "/vinhdanh.notification.v1.NotificationService/RetryDelivery",
            Class::Background,
        ),
        ("/vinhdanh.intake.v1.IntakeService/UploadAttachment", Class::Bulk),
        ("/vinhdanh.council.v1.CouncilService/ExportMinutes", Class::Bulk),
        ("/vinhdanh.admin.v1.AdminService/VerifyAudit", Class::Bulk),
        ("/vinhdanh.admin.v1.AdminService/GetProgress", Class::House),
        ("/vinhdanh.log.v1.EventLogService/ListEvents", Class::House),
        ("/grpc.health.v1.Health/Check", Class::House),
        ("/grpc.health.v1.Health/Watch", Class::Streams),
        ("/vinhdanh.approval.v1.ApprovalService/WatchCourse", Class::Streams),
        ("", Class::House),
    ] {
        assert_eq!(Class::of(path), class, "{path}");
    }
}

#[test]
fn patience_is_read_as_grpc_writes_it() {
    let read = |text: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", text.parse().expect("a value"));
        patience(&headers)
    };
    assert_eq!(read("1S"), Some(Duration::from_millis(998)));
    assert_eq!(read("100m"), Some(Duration::from_millis(98)));
    assert_eq!(read("1n"), Some(Duration::ZERO));
    assert_eq!(
        read("99999999H"),
        Some(Duration::from_secs(99_999_999 * 3_600 - 1) + Duration::from_millis(998))
    );
    for odd in ["", "S", "-1S", "1", "123456789S", "1x", "1 S"] {
        assert_eq!(read(odd), None, "{odd}");
    }
}

/// Answers when it is told to; some paths do other things.
#[derive(Clone)]
struct Slow(Arc<Notify>);

impl Service<Request<Body>> for Slow {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let go = Arc::clone(&self.0);
        Box::pin(async move {
            match request.uri().path() {
                "/vinhdanh.x.v1.X/Panic" => panic!("a bug"),
                "/vinhdanh.x.v1.X/Blame" => return Ok(Status::internal("failed to decode").into_http()),
                _ => go.notified().await,
            }
            Ok(Status::ok("").into_http())
        })
    }
}

struct House {
    hall: Admission<Slow>,
    go: Arc<Notify>,
}

impl House {
    fn new(limits: &Limits) -> Self {
        let go = Arc::new(Notify::new());
        let hall = AdmissionLayer::new(limits).layer(Slow(Arc::clone(&go)));
        Self { hall, go }
    }

    fn with(&self, method: &str, body: &'static [u8], timeout: Option<&str>) -> BoxFuture<'static, Status> {
        let mut request = Request::post(format!("/vinhdanh.x.v1.X/{method}"))
            .body(Body::new(http_body_util::Full::new(prost::bytes::Bytes::from_static(
                body,
            ))))
            .expect("a request");
        if let Some(timeout) = timeout {
            let value = timeout.parse().expect("a value");
            request.headers_mut().insert("grpc-timeout", value);
        }
        request.extensions_mut().insert(Principal {
            subject: "clerk@x".to_owned(),
            role: Role::Clerk,
            agency: "x".to_owned(),
            person: None,
        });
        let answer = self.hall.clone().call(request);
        Box::pin(async move {
            let answer = answer.await.expect("it answers");
            Status::from_header_map(answer.headers()).expect("a status")
        })
    }

    fn call(&self, method: &str) -> BoxFuture<'static, Status> {
        self.with(method, &[0; 5], None)
    }

    /// A call that is under way.
    async fn begun(&self, method: &str) -> tokio::task::JoinHandle<Status> {
        let task = tokio::spawn(self.call(method));
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        task
    }
}

fn told(status: &Status) -> (tonic::Code, String, Option<Duration>) {
    use tonic_types::StatusExt as _;
    let reason = status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default();
    let pause = status.get_details_retry_info().and_then(|info| info.retry_delay);
    (status.code(), reason, pause)
}

fn limits() -> Limits {
    let one = |waiting| Limit {
        at_once: 1,
        waiting,
        wait_ms: 200,
    };
    Limits {
        decisive: one(1),
        interactive: one(1),
        ..Limits::default()
    }
}

#[tokio::test(start_paused = true)]
async fn one_too_many_is_told_at_once_when_to_come_again() {
    let house = House::new(&limits());
    let first = house.begun("List").await;
    let second = house.begun("List").await;
    let (code, reason, pause) = told(&house.call("List").await);
    assert_eq!((code, reason.as_str()), (tonic::Code::ResourceExhausted, "OVERLOADED"));
    assert!(
        pause.is_some_and(|pause| pause >= Duration::from_millis(100)),
        "{pause:?}"
    );
    // Who waits gets the place that is left, and who has waited too long is told so.
    house.go.notify_one();
    assert_eq!(first.await.expect("answered").code(), tonic::Code::Ok);
    house.go.notify_one();
    assert_eq!(second.await.expect("answered").code(), tonic::Code::Ok);
    let _first = house.begun("List").await;
    assert_eq!(told(&house.call("List").await).1, "OVERLOADED");
}

#[tokio::test(start_paused = true)]
async fn a_full_class_holds_up_no_other_and_nothing_goes_before_decisions_that_wait() {
    let house = House::new(&limits());
    let _list = house.begun("List").await;
    let decision = house.begun("Decide").await;
    house.go.notify_waiters();
    assert_eq!(decision.await.expect("answered").code(), tonic::Code::Ok);

    let _first = house.begun("Decide").await;
    let _second = house.begun("Decide").await;
    assert_eq!(
        told(&house.call("Get").await).1,
        "OVERLOADED",
        "a place is free, but a decision waits"
    );
}

#[tokio::test(start_paused = true)]
async fn what_nobody_waits_for_any_more_is_not_begun() {
    let house = House::new(&limits());
    assert_eq!(
        told(&house.with("List", &[0; 5], Some("1n")).await).1,
        "DEADLINE_PASSED"
    );
    let busy = house.begun("List").await;
    let begun = tokio::time::Instant::now();
    assert_eq!(told(&house.with("List", &[0; 5], Some("50m")).await).1, "OVERLOADED");
    assert!(begun.elapsed() < Duration::from_millis(60), "{:?}", begun.elapsed());
    busy.abort();
}

#[tokio::test(start_paused = true)]
async fn one_person_does_not_take_all_places() {
    let house = House::new(&Limits {
        calls_per_person: 3,
        ..Limits::default()
    });
    let mut begun = Vec::new();
    for _ in 0..3 {
        begun.push(house.begun("Decide").await);
    }
    assert_eq!(told(&house.call("Decide").await).1, "OVERLOADED");
    begun.clear();
    house.go.notify_waiters();
    tokio::task::yield_now().await;
    let next = house.begun("Decide").await;
    house.go.notify_one();
    assert_eq!(next.await.expect("answered").code(), tonic::Code::Ok);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_the_callers_fault_and_a_panic_is_ours() {
    let house = House::new(&limits());
    for body in [
        &[][..],
        &[0, 0, 0, 0],
        &[1, 0, 0, 0, 0],
        &[7, 0, 0, 0, 0],
        &[0, 0, 0, 0, 9],
        &[0; 10],
    ] {
        let (code, reason, _) = told(&house.with("List", body, None).await);
        assert_eq!(
            (code, reason.as_str()),
            (tonic::Code::InvalidArgument, "MALFORMED_REQUEST"),
            "{body:?}"
        );
    }
    assert_eq!(told(&house.with("List", &LARGE, None).await).1, "MESSAGE_TOO_LARGE");
    assert_eq!(told(&house.call("Blame").await).1, "MALFORMED_REQUEST");
    assert_eq!(told(&house.call("Panic").await).0, tonic::Code::Internal);
    assert_eq!(
        told(&house.call("Panic").await).0,
        tonic::Code::Internal,
        "its place was given back"
    );
}
