//! HTTP/2 by hand: frames that no client library would send.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What an HTTP/2 client says first.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Types of frames.
pub mod kind {
    /// HEADERS.
    pub const HEADERS: u8 = 1;
    /// SETTINGS.
    pub const SETTINGS: u8 = 4;
    /// PING.
    pub const PING: u8 = 6;
    /// WINDOW_UPDATE.
    pub const WINDOW_UPDATE: u8 = 8;
    /// CONTINUATION.
    pub const CONTINUATION: u8 = 9;
}

/// A frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u32).to_be_bytes();
    [&len[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header field, spelled out.
pub fn field(name: &str, value: &str) -> Vec<u8> {
    let (name, value) = (name.as_bytes(), value.as_bytes());
    assert!(name.len() < 127 && value.len() < 127, "one byte of length each");
    [&[0, name.len() as u8], name, &[value.len() as u8], value].concat()
}

/// A connection that has greeted properly.
pub async fn greeted(address: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(PREFACE).await?;
    stream.write_all(&frame(kind::SETTINGS, 0, 0, &[])).await?;
    stream.write_all(&frame(kind::SETTINGS, 1, 0, &[])).await?;
    Ok(stream)
}

/// Reads until the other side closes; whether it did within the time.
pub async fn closed_within(stream: &mut TcpStream, limit: std::time::Duration) -> bool {
    let ended = async {
        let mut bytes = [0; 4_096];
        while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
    };
    tokio::time::timeout(limit, ended).await.is_ok()
}
