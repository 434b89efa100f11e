//! The first wall: every call carries a signed token, or it does not get in. Only health is open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use access::{Principal, Verifier};
use futures::future::BoxFuture;
use http::{Request, Response};
use sha2::{Digest as _, Sha256};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use crate::{Clock, Fault, fault};

/// How many verified tokens are remembered: a signature is checked once a token, not once a call.
const REMEMBERED: usize = 4_096;

/// Puts the [`Principal`] of each call into its extensions, or refuses the call.
#[derive(Clone)]
pub struct AccessLayer {
    wall: Arc<Wall>,
}

struct Wall {
    verifier: Verifier,
    clock: Clock,
    known: Mutex<HashMap<[u8; 32], (Principal, i64)>>,
}

/// For how long a verified token is trusted without looking again, in seconds; expiry is thus seen this late at most.
const TRUSTED_S: i64 = 30;

impl AccessLayer {
    /// A wall that lets in what `verifier` accepts.
    pub fn new(verifier: Verifier, clock: Clock) -> Self {
        Self {
            wall: Arc::new(Wall {
                verifier,
                clock,
                known: Mutex::default(),
            }),
        }
    }
}

impl Wall {
    fn admit(&self, authorization: Option<&str>) -> Result<Principal, access::TokenError> {
        let token = access::bearer(authorization)?;
        let now = self.clock.now().0 / 1_000_000;
        let digest: [u8; 32] = Sha256::digest(token).into();
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((principal, until)) = known.get(&digest)
            && *until > now
            && now > *until - 2 * TRUSTED_S
        {
            return Ok(principal.clone());
        }
        let principal = self.verifier.verify(token, now)?;
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(digest, (principal.clone(), now + TRUSTED_S));
        Ok(principal)
    }
}

impl<S> Layer<S> for AccessLayer {
    type Service = AccessGuard<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AccessGuard {
            inner,
            wall: Arc::clone(&self.wall),
        }
    }
}

/// A service behind the wall.
#[derive(Clone)]
pub struct AccessGuard<S> {
    inner: S,
    wall: Arc<Wall>,
}

impl<S, B> Service<Request<B>> for AccessGuard<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if request.uri().path().starts_with("/grpc.health.v1.Health/") {
            return Box::pin(self.inner.call(request));
        }
        let authorization = request
            .headers()
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        match self.wall.admit(authorization) {
            Ok(principal) => {
                request.extensions_mut().insert(principal);
                Box::pin(self.inner.call(request))
            }
            Err(error) => {
                let status = fault::status(error.reason(), "", Vec::new());
                Box::pin(async move { Ok(status.into_http()) })
            }
        }
    }
}

/// Who makes this call.
pub fn principal<T>(request: &tonic::Request<T>) -> Result<Principal, Status> {
    let principal = request.extensions().get::<Principal>().cloned();
    principal.ok_or_else(|| Fault::Internal("a call got past the wall without a principal".to_owned()).into())
}
