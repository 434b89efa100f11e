//! Connections: how many, how long they may take to say what they want, and how old they get.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv6Addr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use futures::Stream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep},
};
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::limits::Limits;

/// HTTP/2's preface and the head of the settings that follow it: whoever has sent that speaks HTTP/2.
const GREETING_BYTES: usize = 24 + 9;
/// How long a connection that was asked to end may take.
const GRACE: Duration = Duration::from_mins(1);
/// When no connection can be accepted, as when no file can be opened: the next attempt.
const PAUSE: Duration = Duration::from_millis(100);

struct Doors {
    listener: TcpListener,
    places: Arc<Semaphore>,
    per_address: usize,
    from: Arc<Mutex<HashMap<IpAddr, usize>>>,
    greeting: Duration,
    age: Duration,
}

/// The connections that are let in.
pub(crate) fn open(listener: TcpListener, limits: &Limits) -> impl Stream<Item = io::Result<Guest>> + use<> {
    let doors = Doors {
        listener,
        places: Arc::new(Semaphore::new(limits.connections)),
        per_address: limits.connections_per_address,
        from: Arc::default(),
        greeting: Duration::from_secs(limits.greeting_s),
        age: Duration::from_secs(limits.connection_age_s).saturating_add(GRACE),
    };
    futures::stream::unfold(doors, |doors| async move {
        loop {
            match doors.listener.accept().await {
                Ok((stream, from)) => {
                    if let Some(guest) = doors.receive(stream, from.ip()) {
                        return Some((Ok(guest), doors));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    })
}

impl Doors {
    /// `None` closes the connection: there are too many.
    fn receive(&self, stream: TcpStream, from: IpAddr) -> Option<Guest> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let seat = Seat::take(&self.from, network(from), self.per_address)?;
        // Without this the answer of a call waits for the client's delayed acknowledgement: 40 ms for nothing.
        stream.set_nodelay(true).ok()?;
        let now = Instant::now();
        Some(Guest {
            stream,
            unsaid: GREETING_BYTES,
            until: Box::pin(tokio::time::sleep_until(now + self.greeting)),
            end: now + self.age,
            _place: place,
            _seat: seat,
        })
    }
}

/// What counts as one address: who has one of IPv6 has a whole network of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

/// One of the connections from an address.
struct Seat {
    from: IpAddr,
    all: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Seat {
    fn take(all: &Arc<Mutex<HashMap<IpAddr, usize>>>, from: IpAddr, max: usize) -> Option<Self> {
        let mut counts = all.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(from).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        let all = Arc::clone(all);
        Some(Self { from, all })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.from);
            }
        }
    }
}

/// A connection that was let in.
pub(crate) struct Guest {
    stream: TcpStream,
    /// Bytes of the greeting that have not come.
    unsaid: usize,
    until: Pin<Box<Sleep>>,
    end: Instant,
    _place: OwnedSemaphorePermit,
    _seat: Seat,
}

impl Guest {
    fn in_time(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match self.until.as_mut().poll(context) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl AsyncRead for Guest {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.in_time(context)?;
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buf);
        if self.unsaid > 0 {
            self.unsaid = self.unsaid.saturating_sub(buf.filled().len() - before);
            if self.unsaid == 0 {
                let end = self.end;
                self.until.as_mut().reset(end);
                // A timer wakes whoever looked at it last.
                self.in_time(context)?;
            }
        }
        polled
    }
}

impl AsyncWrite for Guest {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.in_time(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.in_time(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Connected for Guest {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn doors(
        limits: &Limits,
    ) -> (
        std::net::SocketAddr,
        Pin<Box<impl Stream<Item = io::Result<Guest>> + use<>>>,
    ) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        (address, Box::pin(open(listener, limits)))
    }

    #[tokio::test]
    async fn one_too_many_is_closed_and_a_place_that_is_left_is_given_again() {
        let limits = Limits {
            connections_per_address: 1,
            ..Limits::default()
        };
        let (address, mut incoming) = doors(&limits).await;
        let mut first = TcpStream::connect(address).await.expect("a connection");
        let guest = incoming.next().await.expect("the first").expect("it is let in");
        let mut second = TcpStream::connect(address).await.expect("the kernel takes it");
        let closed = async {
            let mut byte = [0];
            second.read(&mut byte).await.map_or(0, |read| read)
        };
        tokio::select! {
            read = closed => assert_eq!(read, 0),
            _ = incoming.next() => panic!("the second was let in"),
        }
        drop(guest);
        first.shutdown().await.expect("closed");
        let _third = TcpStream::connect(address).await.expect("a connection");
        incoming.next().await.expect("the third").expect("it is let in");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_greet_is_closed_and_who_does_is_not() {
        let (address, mut incoming) = doors(&Limits::default()).await;
        let mut silent = TcpStream::connect(address).await.expect("a connection");
        let mut guest = incoming.next().await.expect("a guest").expect("it is let in");
        silent.write_all(b"PRI").await.expect("sent");
        let mut bytes = [0; 64];
        loop {
            match guest.read(&mut bytes).await {
                Ok(read) => assert_eq!(read, 3),
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                    break;
                }
            }
        }
        let mut polite = TcpStream::connect(address).await.expect("a connection");
        let mut guest = incoming.next().await.expect("a guest").expect("it is let in");
        polite.write_all(&[7; GREETING_BYTES]).await.expect("sent");
        assert_eq!(guest.read(&mut bytes).await.expect("its greeting"), GREETING_BYTES);
        let waited = tokio::time::timeout(Duration::from_mins(1), guest.read(&mut bytes)).await;
        assert!(waited.is_err(), "it may be silent now");
    }

    #[test]
    fn a_network_counts_as_one_address() {
        let same = ["2001:db8::1", "2001:db8::ffff:1"].map(|text| network(text.parse().expect("an address")));
        assert_eq!(same[0], same[1]);
        assert_ne!(same[0], network("2001:db8:0:1::1".parse().expect("an address")));
        assert_eq!(
            network("::ffff:10.0.0.1".parse().expect("an address")),
            IpAddr::from([10, 0, 0, 1])
        );
    }
}
