//! A mail server on the loopback, which answers each message as a test says.

use std::collections::VecDeque;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// How one conversation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The message is taken.
    Take,
    /// The sender gets this line instead of a welcome.
    AtMail(&'static str),
    /// The recipient gets this line.
    AtRcpt(&'static str),
    /// The whole message gets this line.
    AtEnd(&'static str),
    /// The whole message gets no answer; the connection stays.
    Silence,
    /// The whole message gets no answer; the connection ends.
    Cut,
    /// Not even a greeting.
    NoGreeting,
}

/// A message that came in whole, whatever was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) from: String,
    pub(super) to: String,
    /// Headers and body, without the dots that the protocol adds.
    pub(super) message: String,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        self.message
            .lines()
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix(&prefix))
            .unwrap_or_default()
    }
}

/// Serves; each conversation takes the next answer, and with none left the message is taken.
pub(super) async fn server(answers: &[Answer]) -> (String, mpsc::Receiver<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    let (seen, messages) = mpsc::channel(100);
    let mut answers: VecDeque<Answer> = answers.iter().copied().collect();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a call");
            let answer = answers.pop_front().unwrap_or(Answer::Take);
            tokio::spawn(converse(stream, answer, seen.clone()));
        }
    });
    (url, messages)
}

async fn converse(stream: TcpStream, answer: Answer, seen: mpsc::Sender<Seen>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    if answer == Answer::NoGreeting {
        return std::future::pending().await;
    }
    say(&mut stream, "220 test ready").await?;
    let (mut from, mut to) = (String::new(), String::new());
    loop {
        let line = read(&mut stream).await?;
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let reply = match (verb.as_str(), answer) {
            ("MAIL", Answer::AtMail(reply)) | ("RCPT", Answer::AtRcpt(reply)) => reply,
            ("MAIL", _) => {
                from.clone_from(&line);
                "250 fine"
            }
            ("RCPT", _) => {
                to.clone_from(&line);
                "250 fine"
            }
            ("DATA", _) => {
                say(&mut stream, "354 go ahead").await?;
                let message = data(&mut stream).await?;
                let (from, to) = (from.clone(), to.clone());
                seen.send(Seen { from, to, message }).await.ok()?;
                match answer {
                    Answer::AtEnd(reply) => reply,
                    Answer::Silence => return std::future::pending().await,
                    Answer::Cut => return None,
                    _ => "250 taken",
                }
            }
            ("QUIT", _) => {
                say(&mut stream, "221 bye").await;
                return None;
            }
            _ => "250 fine",
        };
        say(&mut stream, reply).await?;
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    (stream.read_line(&mut line).await.ok()? > 0).then(|| line.trim_end().to_owned())
}

async fn data(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut message = String::new();
    loop {
        let line = read(stream).await?;
        if line == "." {
            return Some(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
        message.push('\n');
    }
}
