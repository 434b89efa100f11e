//! A webhook receiver that notes every call. It is out of order at the first one, so that this comes twice.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use checker::{Notified, ReceiverLog};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What a receiver needs to answer.
pub(crate) struct Desk {
    pub(crate) log: ReceiverLog,
    pub(crate) clock: Arc<AtomicI64>,
    pub(crate) worked_before: AtomicBool,
}

/// Opens it on a free port; its address.
pub(crate) async fn open(desk: Desk) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let desk = Arc::new(desk);
        while let Ok((stream, _)) = listener.accept().await {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move { answer(&desk, stream).await });
        }
    });
    format!("http://{address}/hook")
}

async fn answer(desk: &Desk, stream: TcpStream) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "webhook-id" => id = value.to_owned(),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let status = if desk.worked_before.swap(true, Ordering::Relaxed) {
        200
    } else {
        503
    };
    let at = desk.clock.load(Ordering::Relaxed);
    desk.log.note(&Notified::new(at, &id, &body, status)).expect("noted");
    let answer = format!("HTTP/1.1 {status} said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.ok()
}
