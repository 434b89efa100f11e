//! Every RPC of running services, called with what nobody would send, as everybody and as nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::StreamExt as _;
use h2::{RecvStream, client::SendRequest};
use http::{HeaderName, HeaderValue, Request, Response};
use prost::bytes::Bytes;
use tokio::net::TcpStream;
use tonic::{Code, Status};

use crate::{
    mutate::mutate,
    random::Random,
    wire::{Rpc, Shapes},
};

/// Calls under way at once.
const IN_FLIGHT: usize = 16;
/// How long a stream is listened to.
const LISTEN: Duration = Duration::from_millis(100);
/// Nothing answers as slowly as this.
const ANSWER_MAX: Duration = Duration::from_secs(90);

/// A call that somebody really makes.
#[derive(Clone, Debug)]
pub struct Real {
    /// `/package.Service/Method`.
    pub path: String,
    /// The request, encoded.
    pub request: Vec<u8>,
}

/// Whom calls are made as, and with what.
pub struct Storm {
    /// Values of `authorization`; `None` sends none.
    pub callers: Vec<Option<String>>,
    /// Texts that mean something: ids, codes, dates.
    pub words: Vec<String>,
    /// Calls to start from.
    pub real: Vec<Real>,
    /// Whether a method may be called as this caller.
    pub spared: fn(path: &str) -> bool,
}

/// What came of them.
#[derive(Debug, Default)]
pub struct Report {
    /// How many calls got which code.
    pub codes: BTreeMap<String, u64>,
    /// The methods that were called at least once.
    pub called: BTreeSet<String>,
    /// Answers that must not be.
    pub findings: Vec<String>,
    /// Request ids of calls that were refused.
    pub refused: BTreeSet<String>,
    /// Of calls that were accepted, or may have been.
    pub accepted: BTreeSet<String>,
}

struct Sent {
    path: String,
    body: Vec<u8>,
    headers: Vec<(HeaderName, HeaderValue)>,
    request_id: Option<String>,
    stream: bool,
    /// It is a gRPC call at all; what is not may be told in HTTP.
    is_grpc: bool,
}

impl Storm {
    /// Sends `count` calls that `seed` decides.
    pub async fn blow(&self, url: &str, count: usize, seed: u64) -> Report {
        let channel = connect(url).await;
        let shapes = Shapes::compiled();
        let rpcs: Vec<Rpc> = shapes
            .rpcs
            .iter()
            .filter(|rpc| !(self.spared)(&rpc.path))
            .cloned()
            .collect();
        let mut random = Random::new(seed);
        let sent = (0..count).map(|n| self.make(&mut random, &shapes, &rpcs[n % rpcs.len()]));
        let mut report = Report::default();
        let mut outcomes = futures::stream::iter(sent)
            .map(|sent| {
                let channel = channel.clone();
                async move {
                    let outcome = call(channel, url, &sent).await;
                    (sent, outcome)
                }
            })
            .buffer_unordered(IN_FLIGHT);
        while let Some((sent, outcome)) = outcomes.next().await {
            report.note(sent, outcome);
        }
        report
    }

    fn make(&self, random: &mut Random, shapes: &Shapes, rpc: &Rpc) -> Sent {
        let mut headers = vec![
            (http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc")),
            (http::header::TE, HeaderValue::from_static("trailers")),
        ];
        if let Some(value) = random.pick(&self.callers)
            && let Ok(value) = HeaderValue::from_str(value)
        {
            headers.push((http::header::AUTHORIZATION, value));
        }
        let real: Vec<&Real> = self.real.iter().filter(|real| real.path == rpc.path).collect();
        let message = match random.below(8) {
            0 => {
                let len = random.below(200);
                random.bytes(len)
            }
            1 | 2 if !real.is_empty() => {
                let other = shapes.any(random, &rpc.request, &self.words);
                let from = real[random.below(real.len())];
                mutate(random, &from.request, &other)
            }
            3 => {
                let right = shapes.any(random, &rpc.request, &self.words);
                mutate(random, &right, &[])
            }
            _ => shapes.any(random, &rpc.request, &self.words),
        };
        let request_id = shapes.request_id(&rpc.request, &message);
        let is_grpc = !random.one_in(12) || odd_header(random, &mut headers);
        let body = if random.one_in(12) {
            badly_framed(random, &message)
        } else {
            framed(0, message.len() as u32, &message)
        };
        let path = if random.one_in(64) {
            format!("{}x", rpc.path)
        } else {
            rpc.path.clone()
        };
        Sent {
            path,
            body,
            headers,
            request_id,
            stream: rpc.answers_stream,
            is_grpc,
        }
    }
}

/// A message with gRPC's five bytes before it.
pub fn framed(flag: u8, len: u32, message: &[u8]) -> Vec<u8> {
    [&[flag], len.to_be_bytes().as_slice(), message].concat()
}

fn badly_framed(random: &mut Random, message: &[u8]) -> Vec<u8> {
    let len = message.len() as u32;
    match random.below(6) {
        0 => framed(1, len, message),
        1 => framed(random.number() as u8, len, message),
        2 => framed(0, random.number() as u32, message),
        3 => Vec::new(),
        4 => [framed(0, len, message), framed(0, len, message)].concat(),
        _ => {
            let mut body = framed(0, len, message);
            body.truncate(random.below(body.len()));
            body
        }
    }
}

/// Metadata that nobody sends; whether the call is still one of gRPC.
fn odd_header(random: &mut Random, headers: &mut Vec<(HeaderName, HeaderValue)>) -> bool {
    const ODD: [(&str, &str); 14] = [
        ("grpc-timeout", "1n"),
        ("grpc-timeout", "0S"),
        ("grpc-timeout", "-1S"),
        ("grpc-timeout", "99999999H"),
        ("grpc-timeout", "100m"),
        ("grpc-timeout", "x"),
        ("grpc-encoding", "gzip"),
        ("grpc-encoding", "\t"),
        ("grpc-accept-encoding", "gzip,deflate,,"),
        ("traceparent", "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff"),
        ("traceparent", "00-00000000000000000000000000000000-0000000000000000-00"),
        ("tracestate", "=,=,="),
        ("x-odd-bin", "!!!"),
        ("accept-language", "vi;q=NaN"),
    ];
    if random.one_in(10) {
        let types = [
            "",
            "text/html",
            "application/grpc+json",
            "application/grpc-web",
            "application/json",
        ];
        let other = *random.pick(&types);
        headers[0].1 = HeaderValue::from_static(other);
        return false;
    }
    let (name, value) = *random.pick(&ODD);
    headers.push((HeaderName::from_static(name), HeaderValue::from_static(value)));
    if random.one_in(4) {
        let long = "x".repeat(random.below(8_000));
        headers.push((
            HeaderName::from_static("x-long"),
            HeaderValue::from_str(&long).expect("plain text"),
        ));
    }
    true
}

enum Outcome {
    Status(Status),
    Http(u16),
    Listening,
    Broken(String),
}

/// A connection of its own: the client library would bring deadlines, retries and texts of its own.
async fn connect(url: &str) -> SendRequest<Bytes> {
    let address = url.strip_prefix("http://").expect("a plain address");
    let stream = TcpStream::connect(address).await.expect("the services listen");
    stream.set_nodelay(true).expect("a socket");
    let (channel, connection) = h2::client::handshake(stream).await.expect("the services answer");
    tokio::spawn(connection);
    channel
}

async fn call(channel: SendRequest<Bytes>, url: &str, sent: &Sent) -> Outcome {
    let mut request = Request::post(format!("{url}{}", sent.path)).body(()).expect("a path");
    for (name, value) in &sent.headers {
        request.headers_mut().append(name.clone(), value.clone());
    }
    let answered = async {
        let mut channel = channel.ready().await?;
        let (response, mut body) = channel.send_request(request, false)?;
        // The answer may be there before the question is all out.
        let _ = body.send_data(Bytes::from(sent.body.clone()), true);
        response.await
    };
    match tokio::time::timeout(ANSWER_MAX, answered).await {
        Err(_) => Outcome::Broken("no answer".to_owned()),
        Ok(Err(error)) => Outcome::Broken(error.to_string()),
        Ok(Ok(response)) => read(response, sent.stream).await,
    }
}

async fn read(response: Response<RecvStream>, stream: bool) -> Outcome {
    if !response.status().is_success() {
        return Outcome::Http(response.status().as_u16());
    }
    if let Some(status) = Status::from_header_map(response.headers()) {
        return Outcome::Status(status);
    }
    let mut body = response.into_body();
    let ended = async {
        while let Some(data) = body.data().await {
            let len = data?.len();
            body.flow_control().release_capacity(len)?;
        }
        body.trailers().await
    };
    match tokio::time::timeout(if stream { LISTEN } else { ANSWER_MAX }, ended).await {
        Err(_) if stream => Outcome::Listening,
        Err(_) => Outcome::Broken("the answer does not end".to_owned()),
        Ok(Err(error)) => Outcome::Broken(error.to_string()),
        Ok(Ok(trailers)) => match trailers.as_ref().and_then(Status::from_header_map) {
            Some(status) => Outcome::Status(status),
            None => Outcome::Broken("an answer without a status".to_owned()),
        },
    }
}

impl Report {
    fn note(&mut self, sent: Sent, outcome: Outcome) {
        let (code, wrong) = match &outcome {
            Outcome::Status(status) => (format!("{:?}", status.code()), wrong(status)),
            // 431 says that the headers are too long, before anything reads them as gRPC.
            Outcome::Http(431) if sent.headers.iter().any(|(name, _)| name == "x-long") => {
                ("HTTP 431".to_owned(), None)
            }
            Outcome::Http(code) => (format!("HTTP {code}"), (sent.is_grpc).then(|| format!("HTTP {code}"))),
            Outcome::Listening => ("a stream".to_owned(), None),
            Outcome::Broken(what) => ("broken".to_owned(), Some(what.clone())),
        };
        if let Some(what) = wrong {
            let headers: Vec<String> = sent.headers.iter().skip(2).map(|(name, _)| name.to_string()).collect();
            self.findings.push(format!(
                "{}: {code}: {what}; headers {}; body {}",
                sent.path,
                headers.join(","),
                hex::encode(&sent.body[..sent.body.len().min(400)])
            ));
        }
        *self.codes.entry(code).or_default() += 1;
        self.called.insert(sent.path);
        if let Some(id) = sent.request_id.filter(|id| !id.is_empty()) {
            match outcome {
                Outcome::Status(status) if status.code() == Code::Ok => self.accepted.insert(id),
                // Whether it was done before the caller gave up, nobody knows.
                Outcome::Status(status) if status.code() != Code::DeadlineExceeded => self.refused.insert(id),
                _ => self.accepted.insert(id),
            };
        }
    }
}

/// Why an answer says too little: it blames us, or nobody.
fn wrong(status: &Status) -> Option<String> {
    use tonic_types::StatusExt as _;
    let reason = status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default();
    let vague =
        matches!(status.code(), Code::Internal | Code::Unknown | Code::DataLoss) || reason == "STORE_UNAVAILABLE";
    vague.then(|| format!("{reason} {}", status.message()))
}
