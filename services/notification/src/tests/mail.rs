//! E-mail, handed to a real mail server on the loopback.

use proto::notification::v1;
use tokio::sync::mpsc;
use tonic::Code;

use super::{
    World, awarded, by, create, officer, person, reason, received, request_id,
    smtp::{self, Answer, Seen},
};
use crate::{MailConfig, NotificationConfig, api::Api};
use access::Role;
use host::Service as _;
use proto::notification::v1::notification_service_server::NotificationService as _;

const ADDRESS: &str = "van-phong@example.org";

/// A world with a mail server that answers so, at work.
async fn world(answers: &[Answer]) -> (World, mpsc::Receiver<Seen>) {
    let (smtp, seen) = smtp::server(answers).await;
    let mail = MailConfig::try_new(&smtp, "vinhdanh@example.vn", None, 1).expect("a mail server");
    let mut world = World::with(NotificationConfig {
        webhook_private: false,
        mail: Some(mail),
    })
    .await;
    world.work();
    (world, seen)
}

async fn retry(api: &Api, who: &access::Principal, delivery: &str) -> Result<v1::Delivery, tonic::Status> {
    let request = v1::RetryDeliveryRequest {
        request_id: request_id(),
        delivery: delivery.to_owned(),
    };
    api.retry_delivery(by(who, request))
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test]
async fn an_email_is_handed_over_once_and_says_which_fact_it_tells() {
    let (world, mut seen) = world(&[]).await;
    let subscription = world.subscribe(v1::Channel::Email, ADDRESS, &[]).await;
    assert_eq!(
        (
            subscription.channel(),
            subscription.endpoint.as_str(),
            subscription.secret.as_str()
        ),
        (v1::Channel::Email, ADDRESS, "")
    );
    world.happens(1, awarded()).await.expect("applied");
    let delivered = world.until("delivered", 1).await.remove(0);
    assert_eq!((delivered.attempts, delivered.last_result.as_str()), (1, "SMTP 250"));
    let seen = seen.recv().await.expect("a message");
    assert_eq!(
        (seen.from.as_str(), seen.to.as_str()),
        ("MAIL FROM:<vinhdanh@example.vn>", "RCPT TO:<van-phong@example.org>")
    );
    assert_eq!(seen.header("X-Vinhdanh-Fact"), "dossier.awarded");
    assert_eq!(seen.header("X-Vinhdanh-Delivery"), delivered.delivery);
    assert_eq!(seen.header("Auto-Submitted"), "auto-generated");
    assert_eq!(seen.header("To"), ADDRESS);
    assert_eq!(
        seen.header("Message-ID"),
        format!("<{}@example.vn>", delivered.delivery)
    );
    assert_eq!(world.service.under_way(&world.engine).await.expect("a count"), 0);
    world.end().await;
}

#[tokio::test]
async fn what_is_not_taken_now_is_sent_again_under_the_same_id() {
    for (answer, result) in [
        (Answer::AtEnd("451 later"), "SMTP 451 at DATA"),
        (Answer::AtRcpt("450 greylisted"), "SMTP 450 at RCPT"),
        // What it has against us is no word on the message.
        (Answer::AtMail("550 not from you"), "SMTP 550 before RCPT"),
        (
            Answer::AtRcpt("250 one\r\n250 too many"),
            "the mail server answered out of turn",
        ),
        (Answer::NoGreeting, "timeout"),
        (
            Answer::Silence,
            "timeout after the message was sent: it may have arrived",
        ),
        (
            Answer::Cut,
            "the connection was lost after the message was sent: it may have arrived",
        ),
    ] {
        let (world, mut seen) = world(&[answer]).await;
        world.subscribe(v1::Channel::Email, ADDRESS, &[]).await;
        world.happens(1, awarded()).await.expect("applied");
        let waiting = world.until("waiting", 1).await.remove(0);
        assert_eq!((waiting.attempts, waiting.last_result.as_str()), (1, result));
        assert_eq!(waiting.next_attempt_at, world.clock.now().0 + 5_000_000);
        world.advance(5).await;
        let delivered = world.until("delivered", 1).await.remove(0);
        assert_eq!((delivered.attempts, delivered.last_result.as_str()), (2, "SMTP 250"));
        let first = seen.recv().await.expect("a message");
        if matches!(answer, Answer::AtEnd(_) | Answer::Silence | Answer::Cut) {
            assert_eq!(seen.recv().await.expect("another"), first);
        }
        assert_eq!(first.header("X-Vinhdanh-Delivery"), delivered.delivery);
        world.end().await;
    }
}

#[tokio::test]
async fn nothing_is_said_in_the_clear_where_tls_is_asked_for() {
    for (scheme, option, result) in [
        (
            "smtp",
            "?starttls=required",
            "the mail server does not offer what is set up",
        ),
        ("smtps", "", "no trusted connection to the mail server"),
    ] {
        let (smtp, mut seen) = smtp::server(&[]).await;
        let smtp = format!("{}{option}", smtp.replace("smtp", scheme));
        let mail = MailConfig::try_new(&smtp, "vinhdanh@example.vn", None, 1).expect("a mail server");
        let config = NotificationConfig {
            webhook_private: false,
            mail: Some(mail),
        };
        let mut world = World::with(config).await;
        world.work();
        world.subscribe(v1::Channel::Email, ADDRESS, &[]).await;
        world.happens(1, awarded()).await.expect("applied");
        let waiting = world.until("waiting", 1).await.remove(0);
        assert_eq!(waiting.last_result, result);
        assert!(seen.try_recv().is_err());
        world.end().await;
    }
}

#[tokio::test]
async fn what_is_refused_for_good_is_dead_at_once_and_can_be_retried_by_hand() {
    for (answer, result) in [
        (Answer::AtRcpt("550 no such user"), "SMTP 550 at RCPT"),
        (Answer::AtEnd("554 no"), "SMTP 554 at DATA"),
    ] {
        let (world, mut seen) = world(&[answer]).await;
        let subscription = world.subscribe(v1::Channel::Email, ADDRESS, &[]).await;
        world.happens(1, awarded()).await.expect("applied");
        let dead = world.until("dead", 1).await.remove(0);
        assert_eq!((dead.attempts, dead.last_result.as_str()), (1, result));
        world.advance(200_000).await;
        assert_eq!(world.deliveries("dead").await.len(), 1);
        let stranger = person("officer.so-noi-vu-nghe-an", Role::Officer, "so-noi-vu-nghe-an");
        let refusal = retry(&world.api(), &stranger, &dead.delivery)
            .await
            .expect_err("not theirs");
        assert_eq!(refusal.code(), Code::PermissionDenied);
        let pending = retry(&world.api(), &officer(), &dead.delivery).await.expect("anew");
        assert_eq!(pending.status, "pending");
        let delivered = world.until("delivered", 1).await.remove(0);
        assert_eq!(
            (delivered.delivery.as_str(), delivered.attempts),
            (dead.delivery.as_str(), 2)
        );
        let refusal = retry(&world.api(), &officer(), &dead.delivery)
            .await
            .expect_err("it has arrived");
        assert_eq!(
            (refusal.code(), reason(&refusal).as_str()),
            (Code::FailedPrecondition, "NOT_ALLOWED_NOW")
        );
        // The subscription is still there: one message was refused, not all.
        world.happens(2, received()).await.expect("applied");
        world.until("delivered", 2).await;
        while let Ok(seen) = seen.try_recv() {
            assert_eq!(seen.header("X-Vinhdanh-Subscription"), subscription.subscription);
        }
        world.end().await;
    }
}

#[tokio::test]
async fn what_is_dead_stays_so_when_its_subscription_ended() {
    let (world, _seen) = world(&[Answer::AtRcpt("550 no such user")]).await;
    let subscription = world.subscribe(v1::Channel::Email, ADDRESS, &[]).await;
    world.happens(1, awarded()).await.expect("applied");
    let dead = world.until("dead", 1).await.remove(0);
    let delete = v1::DeleteSubscriptionRequest {
        request_id: request_id(),
        subscription: subscription.subscription,
        etag: subscription.etag,
    };
    world
        .api()
        .delete_subscription(by(&officer(), delete))
        .await
        .expect("deleted");
    let refusal = retry(&world.api(), &officer(), &dead.delivery)
        .await
        .expect_err("it ended");
    assert_eq!(
        (refusal.code(), reason(&refusal).as_str()),
        (Code::FailedPrecondition, "NOT_ALLOWED_NOW")
    );
    world.end().await;
}

#[tokio::test]
async fn without_a_mail_server_nobody_subscribes_by_email() {
    let world = World::new().await;
    let refusal = world
        .api()
        .create_subscription(by(&officer(), create(v1::Channel::Email, ADDRESS, &[])))
        .await
        .expect_err("refused");
    assert_eq!(
        (refusal.code(), reason(&refusal).as_str()),
        (Code::FailedPrecondition, "MAIL_NOT_SET_UP")
    );
    assert!(refusal.message().contains("[mail]"), "{}", refusal.message());
    world.end().await;
}

#[tokio::test]
async fn only_one_plain_address_is_subscribed() {
    let (world, _seen) = world(&[]).await;
    for endpoint in [
        "",
        "nobody",
        "a@example.vn\r\nBcc: b@example.vn",
        "a@example.vn,b@example.vn",
        "văn-phòng@example.vn",
    ] {
        let refusal = world
            .api()
            .create_subscription(by(&officer(), create(v1::Channel::Email, endpoint, &[])))
            .await
            .expect_err("refused");
        assert_eq!(
            (refusal.code(), reason(&refusal).as_str()),
            (Code::InvalidArgument, "BAD_ENDPOINT"),
            "{endpoint:?}"
        );
    }
    world.end().await;
}
