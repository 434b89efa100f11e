//! What gRPC itself costs: a unary call that answers what it was sent, 256 bytes each way, between two processes over
//! one channel.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    io::Read as _,
    process::Stdio,
    task::{Context as Task, Poll},
    time::Duration,
};

use anyhow::{Context, bail};
use futures::{FutureExt as _, future::BoxFuture};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
    time::Instant,
};
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::{Service, http},
    server::{NamedService, UnaryService},
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use tonic_prost::ProstCodec;

/// The subcommand of the process that answers.
pub const COMMAND: &str = "bench-echo";
const METHOD: &str = "/vinhdanh.bench.v1.EchoService/Echo";
/// With its tag and length 256 bytes on the wire.
const PAYLOAD: usize = 253;
/// Calls before any is counted.
const WARM_UP: Duration = Duration::from_millis(300);

#[derive(Clone, Copy)]
struct Echo;

impl UnaryService<Vec<u8>> for Echo {
    type Response = Vec<u8>;
    type Future = Ready<Result<Response<Vec<u8>>, Status>>;

    fn call(&mut self, request: Request<Vec<u8>>) -> Self::Future {
        ready(Ok(Response::new(request.into_inner())))
    }
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Task<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<Vec<u8>, Vec<u8>>::default());
            Ok(grpc.unary(Echo, request).await)
        })
    }
}

impl NamedService for Echo {
    const NAME: &'static str = "vinhdanh.bench.v1.EchoService";
}

/// Answers until its input ends, which it does with the process that started it; tells its address first.
pub fn serve() -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port")?;
        println!("{}", listener.local_addr()?);
        let gone = tokio::task::spawn_blocking(|| {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
        });
        let gone = gone.map(|_| ());
        Server::builder()
            .add_service(Echo)
            .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), gone)
            .await
            .context("the echo ended")
    })?;
    Ok(0)
}

/// A process that answers, and the one channel to it.
pub struct Echoer {
    channel: Channel,
    process: Child,
}

impl Echoer {
    /// Starts this program once more.
    pub async fn start() -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("where this program is")?;
        let mut process = Command::new(program)
            .arg(COMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the echo did not start")?;
        let out = process.stdout.take().context("the echo says nothing")?;
        let Some(address) = BufReader::new(out).lines().next_line().await? else {
            bail!("the echo ended at start");
        };
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
        Ok(Self {
            channel: endpoint.connect().await.context("the echo does not answer")?,
            process,
        })
    }

    /// Calls for a while with so many in flight: how long each took.
    pub async fn call(&self, in_flight: usize, span: Duration) -> anyhow::Result<Vec<Duration>> {
        let began = Instant::now();
        let callers: Vec<_> = (0..in_flight)
            .map(|_| tokio::spawn(caller(self.channel.clone(), began + WARM_UP, began + WARM_UP + span)))
            .collect();
        let mut all = Vec::new();
        for caller in callers {
            all.extend(caller.await.context("an echo's caller failed")??);
        }
        Ok(all)
    }

    /// Ends the process.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.process.kill().await.context("the echo did not end")
    }
}

async fn caller(channel: Channel, from: Instant, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut grpc = tonic::client::Grpc::new(channel);
    let mut times = Vec::new();
    loop {
        let sent = Instant::now();
        if sent >= until {
            return Ok(times);
        }
        grpc.ready().await.context("the echo is not ready")?;
        let codec = ProstCodec::<Vec<u8>, Vec<u8>>::default();
        let request = Request::new(vec![0x5a; PAYLOAD]);
        let answer = grpc.unary(request, http::uri::PathAndQuery::from_static(METHOD), codec);
        let answer = answer.await.context("the echo failed")?.into_inner();
        if answer.len() != PAYLOAD {
            bail!("the echo answered {} bytes for {PAYLOAD}", answer.len());
        }
        if sent >= from {
            times.push(sent.elapsed());
        }
    }
}
