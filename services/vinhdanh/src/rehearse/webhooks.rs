//! A subscriber's web server on the loopback: checks the signature, notes the call, answers as the scenario says.

use std::{convert::Infallible, time::Duration};

use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{
    body::{Body, Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::{net::TcpListener, task::JoinSet};

use super::{
    receivers::{Received, Receiver},
    signature::{self, Signed},
    values::Answer,
};

/// Longer than any caller waits; a caller that waits for ever must not hold a rehearsal.
const NEVER: Duration = Duration::from_mins(1);
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The part of a webhook's body that is noted.
#[derive(Deserialize)]
struct Told {
    #[serde(rename = "type")]
    fact: String,
}

/// Serves a receiver until the task is dropped.
pub async fn serve(listener: TcpListener, receiver: Receiver) {
    let mut calls = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let receiver = receiver.clone();
        calls.spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let receiver = receiver.clone();
                async move { Ok::<_, Infallible>(answer(request, &receiver).await) }
            });
            // A caller that hangs up early has been noted already, if it came that far.
            let _ended = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
        while calls.try_join_next().is_some() {}
    }
}

async fn answer<B>(request: Request<B>, receiver: &Receiver) -> Response<Empty<Bytes>>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        return plain(StatusCode::BAD_REQUEST);
    };
    let Some(secret) = receiver.notes().secret.clone() else {
        return plain(StatusCode::SERVICE_UNAVAILABLE);
    };
    let received = match believe(&secret, &head.headers, &body.to_bytes()) {
        Ok(received) => received,
        Err(complaint) => {
            receiver.notes().complaints.push(complaint);
            return plain(StatusCode::UNAUTHORIZED);
        }
    };
    let next = receiver.notes().answers.pop_front().unwrap_or(Answer::Status(200));
    let status = match next {
        Answer::Timeout => {
            tokio::time::sleep(NEVER).await;
            StatusCode::GATEWAY_TIMEOUT
        }
        Answer::Status(status) => StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    };
    if status.is_success() {
        receiver.notes().received.push(received);
    }
    plain(status)
}

fn believe(secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<Received, String> {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or_else(|| format!("a call came without {name}"))
    };
    let call = Signed {
        id: header("webhook-id")?,
        timestamp: header("webhook-timestamp")?,
        signature: header("webhook-signature")?,
        body,
    };
    signature::verify(secret, &call).map_err(|error| format!("call {}: {error}", call.id))?;
    let told: Told = serde_json::from_slice(body).map_err(|error| format!("call {}: its body: {error}", call.id))?;
    Ok(Received {
        delivery: call.id.to_owned(),
        fact: told.fact,
    })
}

fn plain(status: StatusCode) -> Response<Empty<Bytes>> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn call(signed: bool) -> Request<Full<Bytes>> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        use hmac::{Hmac, Mac};
        let body =
            r#"{"id":"d1","type":"dossier.awarded","timestamp":"2025-09-15T08:00:00+07:00","data":{"dossier":"x"}}"#;
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&STANDARD.decode(&SECRET[6..]).unwrap()).unwrap();
        mac.update(format!("d1.17.{body}").as_bytes());
        let signature = if signed {
            STANDARD.encode(mac.finalize().into_bytes())
        } else {
            "AAAA".to_owned()
        };
        Request::builder()
            .header("webhook-id", "d1")
            .header("webhook-timestamp", "17")
            .header("webhook-signature", format!("v1,{signature}"))
            .body(Full::from(body))
            .unwrap()
    }

    #[tokio::test]
    async fn answers_come_in_order_and_then_two_hundred() {
        let receiver = Receiver::default();
        assert_eq!(
            answer(call(true), &receiver).await.status(),
            503,
            "nobody has subscribed yet"
        );
        receiver.notes().secret = Some(SECRET.to_owned());
        receiver.notes().answers = [Answer::Status(500), Answer::Status(204)].into();
        assert_eq!(answer(call(true), &receiver).await.status(), 500);
        assert!(receiver.notes().received.is_empty());
        assert_eq!(answer(call(true), &receiver).await.status(), 204);
        assert_eq!(answer(call(true), &receiver).await.status(), 200);
        let received = Received {
            delivery: "d1".to_owned(),
            fact: "dossier.awarded".to_owned(),
        };
        assert_eq!(receiver.notes().received, [received.clone(), received]);
    }

    #[tokio::test]
    async fn a_call_that_is_not_signed_is_a_complaint() {
        let receiver = Receiver::default();
        receiver.notes().secret = Some(SECRET.to_owned());
        assert_eq!(answer(call(false), &receiver).await.status(), 401);
        assert_eq!(
            receiver.notes().complaints,
            ["call d1: webhook-signature does not fit id, timestamp and body"]
        );
        assert!(receiver.notes().received.is_empty());
    }

    #[tokio::test]
    async fn a_timeout_holds_the_call_and_the_next_one_is_answered() {
        let receiver = Receiver::default();
        receiver.notes().secret = Some(SECRET.to_owned());
        receiver.notes().answers = [Answer::Timeout].into();
        let held = tokio::spawn({
            let receiver = receiver.clone();
            async move { answer(call(true), &receiver).await }
        });
        while !receiver.notes().answers.is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(answer(call(true), &receiver).await.status(), 200);
        assert!(!held.is_finished());
        held.abort();
    }
}
