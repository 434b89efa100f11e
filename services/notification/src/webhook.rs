//! One webhook call: what is sent, how it is signed (Standard Webhooks), and how it is dialled.

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use http::{Request, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use machine::Timestamp;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use serde::Serialize;
use sha2::Sha256;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    task::JoinSet,
};
use tokio_rustls::TlsConnector;

use crate::{
    answer::Answer,
    endpoint::{Endpoint, is_public},
    machine::delivery::Notice,
};

/// A call that is not answered by then has failed.
const ANSWER_MAX: Duration = Duration::from_secs(15);

/// The secret as its owner keeps it.
pub(crate) fn shown(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The value of `webhook-signature`.
pub(crate) fn signature(secret: &[u8], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{timestamp_s}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// The body: the same for every attempt of a delivery.
pub(crate) fn body(delivery: &str, notice: &Notice) -> Vec<u8> {
    #[derive(Serialize)]
    struct Message<'a> {
        id: &'a str,
        r#type: &'a str,
        timestamp: String,
        data: Data<'a>,
    }
    #[derive(Serialize)]
    struct Data<'a> {
        dossier: &'a str,
        award: &'a str,
        agency: &'a str,
        level: &'a str,
        step: &'a str,
    }
    let Notice {
        fact,
        dossier,
        award,
        agency,
        level,
        step,
        at,
    } = notice;
    let data = Data {
        dossier,
        award,
        agency,
        level,
        step,
    };
    let message = Message {
        id: delivery,
        r#type: fact,
        timestamp: rfc3339(*at),
        data,
    };
    serde_json::to_vec(&message).expect("texts have a JSON form")
}

fn rfc3339(at: Timestamp) -> String {
    let instant = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000);
    instant
        .ok()
        .and_then(|instant| instant.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// A call to be made.
pub(crate) struct Message {
    /// The delivery's id: constant over retries.
    pub(crate) id: String,
    /// By the service's clock.
    pub(crate) timestamp_s: i64,
    /// What is said.
    pub(crate) body: Vec<u8>,
    /// What it is signed with.
    pub(crate) secret: Vec<u8>,
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Makes calls.
#[derive(Clone)]
pub(crate) struct Caller {
    tls: TlsConnector,
    private: bool,
}

/// The operating system's roots, read once: that takes longer than the start of all else.
static TLS: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (_, unreadable) = roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        tracing::warn!(
            unreadable,
            "no root certificates on this machine: webhooks over https will fail"
        );
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring serves the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
});

impl Caller {
    /// A caller that trusts the operating system's roots; `private` lets it dial closed networks.
    pub(crate) fn new(private: bool) -> Self {
        Self {
            tls: TlsConnector::from(Arc::clone(&TLS)),
            private,
        }
    }

    /// Calls once. No redirect is followed, and no answer's body is read.
    pub(crate) async fn call(&self, endpoint: &str, message: Message) -> Answer {
        let Ok(endpoint) = Endpoint::parse(endpoint, self.private) else {
            return Answer::failed("forbidden address");
        };
        match tokio::time::timeout(ANSWER_MAX, self.exchange(&endpoint, message)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(what)) => Answer::failed(what),
            Err(_) => Answer::failed("timeout"),
        }
    }

    async fn exchange(&self, endpoint: &Endpoint, message: Message) -> Result<Answer, &'static str> {
        let wire = self.dial(endpoint).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(wire))
            .await
            .map_err(|_| "not an HTTP server")?;
        // Dropped with this call, however it ends.
        let mut connections = JoinSet::new();
        connections.spawn(connection);
        let request = Request::post(endpoint.path.as_str())
            .header(header::HOST, &endpoint.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "vinhdanh-webhook/1")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", message.timestamp_s)
            .header(
                "webhook-signature",
                signature(&message.secret, &message.id, message.timestamp_s, &message.body),
            )
            .body(Full::new(Bytes::from(message.body)))
            .map_err(|_| "the request cannot be written")?;
        let response = sender.send_request(request).await.map_err(|_| "no answer")?;
        let status = response.status();
        if status.is_success() {
            return Ok(Answer::Taken(format!("HTTP {}", status.as_u16())));
        }
        if status == StatusCode::GONE {
            return Ok(Answer::Gone);
        }
        let retry_after = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let retry_after_s = retry_after.and_then(|seconds| seconds.trim().parse().ok()).unwrap_or(0);
        Ok(Answer::Failed {
            result: format!("HTTP {}", status.as_u16()),
            retry_after_s,
        })
    }

    /// Connects to an address that was checked: what a name says later changes nothing.
    async fn dial(&self, endpoint: &Endpoint) -> Result<Box<dyn Wire>, &'static str> {
        let found = lookup_host((endpoint.host.as_str(), endpoint.port))
            .await
            .map_err(|_| "the name is unknown")?;
        let addresses: Vec<SocketAddr> = found.collect();
        if !self.private && addresses.iter().any(|address| !is_public(address.ip())) {
            return Err("forbidden address");
        }
        let stream = TcpStream::connect(addresses.as_slice())
            .await
            .map_err(|_| "unreachable")?;
        if !endpoint.tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(endpoint.host.clone()).map_err(|_| "not a name for TLS")?;
        let stream = self
            .tls
            .connect(name, stream)
            .await
            .map_err(|_| "no trusted TLS connection")?;
        Ok(Box::new(stream))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    fn message() -> Message {
        let notice = Notice {
            fact: "dossier.awarded".to_owned(),
            dossier: "d-1".to_owned(),
            ..Notice::default()
        };
        Message {
            id: "m-1".to_owned(),
            timestamp_s: 1_614_265_330,
            body: body("m-1", &notice),
            secret: vec![7; 32],
        }
    }

    /// Answers one call with `answer`; what it was sent.
    async fn answering(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a call");
            let mut seen = Vec::new();
            while !seen.ends_with(b"}}") {
                assert_ne!(stream.read_buf(&mut seen).await.expect("a request"), 0);
            }
            stream.write_all(answer.as_bytes()).await.expect("an answer");
            String::from_utf8(seen).expect("text")
        });
        (endpoint, served)
    }

    #[test]
    fn the_published_example_comes_out() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let signed = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(shown(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn the_body_is_thin_and_in_a_fixed_order() {
        let notice = Notice {
            fact: "dossier.awarded".to_owned(),
            dossier: "d-1".to_owned(),
            award: "huan-chuong-lao-dong-3".to_owned(),
            agency: "chu-tich-nuoc".to_owned(),
            level: "state".to_owned(),
            step: "issued".to_owned(),
            at: Timestamp(1_614_265_330_500_000),
        };
        assert_eq!(
            String::from_utf8(body("m-1", &notice)).expect("text"),
            r#"{"id":"m-1","type":"dossier.awarded","timestamp":"2021-02-25T15:02:10.5Z","data":{"dossier":"d-1","award":"huan-chuong-lao-dong-3","agency":"chu-tich-nuoc","level":"state","step":"issued"}}"#
        );
    }

    #[tokio::test]
    async fn a_call_is_signed_over_what_is_sent() {
        let (endpoint, served) = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
        let answer = Caller::new(true).call(&endpoint, message()).await;
        assert_eq!(answer, Answer::Taken("HTTP 204".to_owned()));
        let seen = served.await.expect("it was called");
        let (head, body) = seen.split_once("\r\n\r\n").expect("head and body");
        let signed = signature(&[7; 32], "m-1", 1_614_265_330, body.as_bytes());
        assert!(head.starts_with("POST /hook HTTP/1.1\r\n"), "{head}");
        for line in [
            "webhook-id: m-1".to_owned(),
            "webhook-timestamp: 1614265330".to_owned(),
            format!("webhook-signature: {signed}"),
        ] {
            assert!(head.contains(&line), "{line} is not in {head}");
        }
    }

    #[tokio::test]
    async fn only_2xx_is_success_and_no_redirect_is_followed() {
        let elsewhere = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        let busy = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n";
        let gone = "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n";
        let failed = |result: &str, retry_after_s| Answer::Failed {
            result: result.to_owned(),
            retry_after_s,
        };
        for (answer, expected) in [
            (elsewhere, failed("HTTP 302", 0)),
            (busy, failed("HTTP 503", 120)),
            (gone, Answer::Gone),
        ] {
            let (endpoint, served) = answering(answer).await;
            assert_eq!(Caller::new(true).call(&endpoint, message()).await, expected);
            served.await.expect("it was called");
        }
    }

    #[tokio::test]
    async fn a_name_of_our_own_network_is_not_dialled() {
        let answer = Caller::new(false).call("https://localhost:1/hook", message()).await;
        assert_eq!(answer, Answer::failed("forbidden address"));
    }
}
