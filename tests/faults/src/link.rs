//! A line between two processes that the rig can make slow, dumb in one direction, or cut: TCP on the loopback.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

const CHUNK: usize = 16 << 10;

/// What the line is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// As it should be.
    Fair,
    /// Every chunk takes so long, each way.
    Slow(Duration),
    /// What is asked does not arrive; what is answered does.
    Deaf,
    /// What is asked arrives; what is answered does not.
    Mute,
    /// Nobody gets through, and who was through is thrown out.
    Down,
}

/// The line; dropping it cuts it.
pub struct Link {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    /// Moves whenever all connections are reset.
    cuts: watch::Sender<u64>,
    _serving: JoinSet<()>,
}

impl Link {
    /// A line to whichever of the targets answers, in turns.
    pub async fn open(targets: Vec<SocketAddr>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", testkit::free_port())).await?;
        let address = listener.local_addr()?;
        let (weather, cuts) = (watch::Sender::new(Weather::Fair), watch::Sender::new(0));
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, targets.into(), weather.subscribe(), cuts.subscribe()));
        Ok(Self {
            address,
            weather,
            cuts,
            _serving: serving,
        })
    }

    /// Where to call.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Resets every connection.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn serve(
    listener: TcpListener,
    targets: Arc<[SocketAddr]>,
    weather: watch::Receiver<Weather>,
    cuts: watch::Receiver<u64>,
) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut lines = JoinSet::new();
    loop {
        let Ok((caller, _)) = listener.accept().await else {
            continue;
        };
        let (targets, next) = (Arc::clone(&targets), Arc::clone(&next));
        let (weather, mut cuts) = (weather.clone(), cuts.clone());
        cuts.mark_unchanged();
        lines.spawn(async move {
            if *weather.borrow() == Weather::Down {
                return;
            }
            let Some(server) = connect(&targets, &next).await else {
                return;
            };
            let (_, _) = (caller.set_nodelay(true), server.set_nodelay(true));
            let (from_caller, to_caller) = caller.into_split();
            let (from_server, to_server) = server.into_split();
            let mut down = weather.clone();
            tokio::select! {
                () = pump(from_caller, to_server, weather.clone(), Weather::Deaf) => {}
                () = pump(from_server, to_caller, weather, Weather::Mute) => {}
                _ = cuts.changed() => {}
                _ = down.wait_for(|weather| *weather == Weather::Down) => {}
            }
        });
        while lines.try_join_next().is_some() {}
    }
}

async fn connect(targets: &[SocketAddr], next: &AtomicUsize) -> Option<TcpStream> {
    let first = next.fetch_add(1, Ordering::Relaxed);
    for turn in 0..targets.len() {
        let target = targets[(first + turn) % targets.len()];
        if let Ok(server) = TcpStream::connect(target).await {
            return Some(server);
        }
    }
    None
}

/// Passes on what comes, until either end hangs up.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut weather: watch::Receiver<Weather>, stops: Weather) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        if weather.wait_for(|weather| *weather != stops).await.is_err() {
            return;
        }
        let now = *weather.borrow();
        if let Weather::Slow(span) = now {
            tokio::time::sleep(span).await;
        }
        if to.write_all(&chunk[..read]).await.is_err() {
            return;
        }
    }
}
