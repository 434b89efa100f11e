//! A unary request, read whole before anything is done for it.

use std::sync::Arc;

use http::Request;
use http_body_util::{BodyExt as _, Full};
use prost::bytes::{Bytes, BytesMut};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Status, body::Body};

use crate::fault;

/// The largest message, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 4 << 20;
/// The flag and the length before it.
const FRAME_BYTES: usize = 5;
/// A request of this size is read without asking.
const SMALL_BYTES: usize = 64 << 10;
/// Larger ones that are being read at once.
const LARGE_AT_ONCE: usize = 16;

/// The memory for large requests.
pub(crate) struct Budget(Arc<Semaphore>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_AT_ONCE)))
    }
}

/// The request with all of its one message, or why it is none.
pub(crate) async fn whole(request: Request<Body>, budget: &Budget) -> Result<Request<Body>, Status> {
    let (parts, mut body) = request.into_parts();
    let mut bytes = Bytes::new();
    let mut more: Option<(BytesMut, Option<OwnedSemaphorePermit>)> = None;
    while let Some(frame) = body.frame().await {
        let broken = |_| malformed("the request breaks off");
        let Ok(data) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        if bytes.is_empty() && more.is_none() {
            bytes = data;
        } else {
            let (all, large) = more.get_or_insert_with(|| (BytesMut::from(&bytes[..]), None));
            if all.len() + data.len() > MESSAGE_BYTES_MAX + FRAME_BYTES {
                let what = format!("a message has at most {MESSAGE_BYTES_MAX} bytes");
                return Err(fault::status("MESSAGE_TOO_LARGE", &what, Vec::new()));
            }
            if large.is_none() && all.len() + data.len() > SMALL_BYTES {
                let place = Arc::clone(&budget.0).try_acquire_owned();
                *large = Some(place.map_err(|_| fault::crowded(std::time::Duration::from_secs(1)))?);
            }
            all.extend_from_slice(&data);
        }
        if bytes.len() > MESSAGE_BYTES_MAX + FRAME_BYTES {
            let what = format!("a message has at most {MESSAGE_BYTES_MAX} bytes");
            return Err(fault::status("MESSAGE_TOO_LARGE", &what, Vec::new()));
        }
    }
    let bytes = more.map_or(bytes, |(all, _)| all.freeze());
    framed(&bytes)?;
    Ok(Request::from_parts(parts, Body::new(Full::new(bytes))))
}

/// One message, not compressed, of the length that stands before it.
fn framed(bytes: &[u8]) -> Result<(), Status> {
    let Some((head, message)) = bytes.split_first_chunk::<FRAME_BYTES>() else {
        return Err(malformed("it holds no message"));
    };
    let [flag, len @ ..] = *head;
    match flag {
        0 => {}
        1 => return Err(malformed("it is compressed, and nothing here reads that")),
        _ => return Err(malformed("its first byte is not 0")),
    }
    let len = u32::from_be_bytes(len) as usize;
    if len > MESSAGE_BYTES_MAX {
        let what = format!("a message has at most {MESSAGE_BYTES_MAX} bytes");
        return Err(fault::status("MESSAGE_TOO_LARGE", &what, Vec::new()));
    }
    if len != message.len() {
        return Err(malformed("it is not one message of the length that it says"));
    }
    Ok(())
}

fn malformed(what: &str) -> Status {
    fault::status("MALFORMED_REQUEST", what, Vec::new())
}
