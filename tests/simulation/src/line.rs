//! The line between an official and a service: gRPC from client to handler, without a socket.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use access::Principal;
use futures::future::BoxFuture;
use http::{Request, Response};
use tonic::{Status, body::Body};
use tower::Service;

use crate::{Chance, Weather, node::Node};

/// How long an official waits for an answer.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// A line to whichever process of a service answers.
#[derive(Clone)]
pub struct Line {
    /// The processes of the service.
    pub nodes: Vec<Arc<Node>>,
    /// Who calls: what the wall would have read from their token.
    pub who: Principal,
    /// Dice.
    pub chance: Chance,
    /// Trouble.
    pub weather: Arc<Weather>,
}

fn lost(what: &'static str) -> Response<Body> {
    Status::unavailable(what).into_http()
}

impl Line {
    async fn carry(self, mut request: Request<Body>) -> Response<Body> {
        let Self {
            nodes,
            who,
            chance,
            weather,
        } = self;
        tokio::time::sleep(weather.delay(&chance)).await;
        if weather.strikes(&chance, weather.calls_lost) {
            tokio::time::sleep(PATIENCE).await;
            return lost("the request is lost");
        }
        let up: Vec<_> = nodes.iter().filter_map(|node| node.up()).collect();
        let Some(up) = chance.pick(&up) else {
            return lost("nobody answers");
        };
        request.extensions_mut().insert(who);
        let mut routes = up.routes.clone();
        let answered = tokio::select! {
            biased;
            () = up.life.over() => return lost("the connection breaks"),
            answered = tokio::time::timeout(PATIENCE, routes.call(request)) => answered,
        };
        let Ok(response) = answered else {
            return Status::deadline_exceeded("no answer in time").into_http();
        };
        tokio::time::sleep(weather.delay(&chance)).await;
        if weather.strikes(&chance, weather.calls_lost) {
            tokio::time::sleep(PATIENCE).await;
            return lost("the answer is lost");
        }
        match response {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl Service<Request<Body>> for Line {
    type Response = Response<Body>;
    type Error = std::convert::Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let line = self.clone();
        Box::pin(async move { Ok(line.carry(request).await) })
    }
}
