//! A webhook's receiver that notes the ids of what it is told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// The receiver. It ends with its runtime.
#[derive(Clone)]
pub struct Hook {
    pub address: SocketAddr,
    ids: Arc<Mutex<Vec<String>>>,
}

impl Hook {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hook = Self {
            address: listener.local_addr().expect("an address"),
            ids: Arc::default(),
        };
        let shared = hook.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let hook = shared.clone();
                tokio::spawn(async move { hook.take(stream).await });
            }
        });
        hook
    }

    /// The ids of all calls, in their order.
    pub fn ids(&self) -> Vec<String> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn take(&self, mut stream: TcpStream) {
        let mut call = Vec::new();
        while let Ok(read) = stream.read_buf(&mut call).await {
            let text = String::from_utf8_lossy(&call);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let header = |name: &str| {
                    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(name))?;
                    line.split_once(':').map(|(_, value)| value.trim().to_owned())
                };
                let length = header("content-length:")
                    .and_then(|length| length.parse().ok())
                    .unwrap_or(0);
                if body.len() >= length {
                    let id = header("webhook-id:").unwrap_or_default();
                    self.ids.lock().unwrap_or_else(PoisonError::into_inner).push(id);
                    break;
                }
            }
            if read == 0 {
                return;
            }
        }
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        // A caller that hung up has been noted all the same.
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}
