//! A mail server on the loopback with a mailbox for each subscriber: takes down what is sent, answers as the scenario
//! says.
//!
//! A scenario's answers are HTTP statuses, for all channels alike. Here 2xx means 250 (taken), 410 means 550 (refused
//! for good), any other 451 (not now), and `timeout` no word at all after the message was sent.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    receivers::{Received, Receiver},
    values::Answer,
};

/// Longer than any caller waits; a caller that waits for ever must not hold a rehearsal.
const NEVER: Duration = Duration::from_mins(1);
const LINE_BYTES_MAX: u64 = 4096;
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// A domain that is nobody's (RFC 2606).
const DOMAIN: &str = "rehearsal.example";

/// Whose mailbox an address is.
type Owners = Arc<Mutex<BTreeMap<String, Receiver>>>;

/// The mail server; dropping it ends it.
pub struct Mailboxes {
    address: SocketAddr,
    owners: Owners,
    _serving: JoinSet<()>,
}

impl Mailboxes {
    /// Opens it on a free port.
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .context("no port for a mail server")?;
        let address = listener.local_addr().context("a mail server has no address")?;
        let owners = Owners::default();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&owners)));
        Ok(Self {
            address,
            owners,
            _serving: serving,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A mailbox for a subscriber: its address. Plain, whatever the subscriber is called.
    pub fn give(&self, receiver: &Receiver) -> String {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let address = format!("subscriber-{}@{DOMAIN}", owners.len() + 1);
        owners.insert(address.clone(), receiver.clone());
        address
    }
}

async fn serve(listener: TcpListener, owners: Owners) {
    let mut calls = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let session = Session {
            stream: BufReader::new(stream),
            owners: Arc::clone(&owners),
            greeted: false,
            sender: false,
            to: None,
        };
        // A caller that hangs up early has been noted already, if it came that far.
        calls.spawn(async { _ = session.run().await });
        while calls.try_join_next().is_some() {}
    }
}

/// One caller's session (RFC 5321).
struct Session {
    stream: BufReader<TcpStream>,
    owners: Owners,
    greeted: bool,
    /// Whether a message was begun.
    sender: bool,
    /// For whom it is.
    to: Option<(String, Receiver)>,
}

impl Session {
    async fn run(mut self) -> std::io::Result<()> {
        self.say("220 rehearsal.example ready").await?;
        while let Some(line) = self.line().await? {
            let verb = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    self.greeted = true;
                    self.say("250-rehearsal.example\r\n250 SIZE 1048576").await?;
                }
                "HELO" => {
                    self.greeted = true;
                    self.say("250 rehearsal.example").await?;
                }
                "MAIL" if !self.greeted || self.sender => {
                    self.say("503 EHLO and MAIL come once, in this order").await?;
                }
                "MAIL" if path(&line, "FROM:").is_none() => self.say("501 MAIL FROM:<address>").await?,
                "MAIL" => {
                    self.sender = true;
                    self.say("250 go on").await?;
                }
                "RCPT" => self.recipient(&line).await?,
                "DATA" => self.message().await?,
                "RSET" => {
                    self.forget();
                    self.say("250 forgotten").await?;
                }
                "NOOP" => self.say("250 nothing done").await?,
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("500 not understood here").await?,
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.sender = false;
        self.to = None;
    }

    async fn recipient(&mut self, line: &str) -> std::io::Result<()> {
        if !self.sender {
            return self.say("503 MAIL comes first").await;
        }
        if self.to.is_some() {
            return self.say("452 one recipient a message").await;
        }
        let Some(address) = path(line, "TO:") else {
            return self.say("501 RCPT TO:<address>").await;
        };
        let owner = {
            let owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
            owners.get(address).cloned()
        };
        match owner {
            Some(owner) => {
                self.to = Some((address.to_owned(), owner));
                self.say("250 go on").await
            }
            None => self.say("550 nobody of that name").await,
        }
    }

    async fn message(&mut self) -> std::io::Result<()> {
        let Some((address, receiver)) = self.to.take() else {
            return self.say("503 RCPT comes first").await;
        };
        self.say("354 end with a dot").await?;
        let message = self.data().await?;
        self.forget();
        let Some(message) = message else {
            return self.say("552 too long").await;
        };
        let received = match believe(&address, &message) {
            Ok(received) => received,
            Err(complaint) => {
                receiver.notes().complaints.push(complaint);
                return self.say("554 not as it must be").await;
            }
        };
        let next = receiver.notes().answers.pop_front().unwrap_or(Answer::Status(200));
        match next {
            Answer::Timeout => {
                tokio::time::sleep(NEVER).await;
                Ok(())
            }
            Answer::Status(200..300) => {
                receiver.notes().received.push(received);
                self.say("250 taken").await
            }
            Answer::Status(410) => self.say("550 refused, as the scenario says").await,
            Answer::Status(_) => self.say("451 not now, as the scenario says").await,
        }
    }

    /// The message without the dots that the protocol adds; `None` if it is too long.
    async fn data(&mut self) -> std::io::Result<Option<String>> {
        let mut message = String::new();
        let mut too_long = false;
        loop {
            let line = self.line().await?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
            if line == "." {
                return Ok((!too_long).then_some(message));
            }
            too_long |= message.len() + line.len() > MESSAGE_BYTES_MAX;
            if !too_long {
                message.push_str(line.strip_prefix('.').unwrap_or(&line));
                message.push('\n');
            }
        }
    }

    /// The next line without its end; `None` once the caller has hung up.
    async fn line(&mut self) -> std::io::Result<Option<String>> {
        let mut line = Vec::new();
        (&mut self.stream)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .await?;
        let Some(line) = line.strip_suffix(b"\r\n") else {
            return if line.is_empty() {
                Ok(None)
            } else {
                Err(std::io::ErrorKind::InvalidData.into())
            };
        };
        let line = String::from_utf8(line.to_vec()).map_err(|_| std::io::ErrorKind::InvalidData)?;
        Ok(Some(line))
    }

    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await
    }
}

/// The address in `RCPT TO:<address>`.
fn path<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let (before, rest) = line.get(5..)?.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    before.trim_end().eq_ignore_ascii_case(word).then_some(address)
}

/// What came, if it is as a message of ours must be.
fn believe(address: &str, message: &str) -> Result<Received, String> {
    let head = headers(message);
    let header = |name: &str| {
        head.get(name)
            .map(String::as_str)
            .ok_or_else(|| format!("a message for {address} came without {name}"))
    };
    let id = header("message-id")?;
    if !message.is_ascii() {
        return Err(format!("message {id} holds more than ASCII"));
    }
    for (name, expected) in [("to", address), ("auto-submitted", "auto-generated")] {
        let value = header(name)?;
        if value != expected {
            return Err(format!("message {id}: its {name} is `{value}` and not `{expected}`"));
        }
    }
    Ok(Received {
        delivery: id.to_owned(),
        fact: header("x-vinhdanh-fact")?.to_owned(),
    })
}

/// Headers by their names in lower case; a folded one in one piece.
fn headers(message: &str) -> BTreeMap<String, String> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in message.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    headers
        .into_iter()
        .map(|(name, value)| (name, value.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "Message-ID: <d1@example.vn>\r\nTo: ADDRESS\r\nAuto-Submitted: auto-generated\r\n\
                           X-Vinhdanh-Fact:\r\n dossier.awarded\r\n\r\n..\r\n.";

    /// A caller that says these lines one after the other: the codes of what it hears.
    async fn call(mailboxes: &Mailboxes, lines: &[String]) -> Vec<String> {
        let stream = TcpStream::connect(mailboxes.address()).await.expect("it listens");
        let mut stream = BufReader::new(stream);
        let mut heard = vec![hear(&mut stream).await];
        for line in lines {
            let line = format!("{line}\r\n");
            stream.get_mut().write_all(line.as_bytes()).await.expect("it reads");
            heard.push(hear(&mut stream).await);
        }
        heard
    }

    async fn hear(stream: &mut BufReader<TcpStream>) -> String {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.expect("an answer");
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.chars().take(3).collect();
            }
        }
    }

    fn sending(to: &str) -> Vec<String> {
        let message = MESSAGE.replace("ADDRESS", to);
        let lines = [
            "EHLO me",
            "MAIL FROM:<a@example.vn>",
            &format!("RCPT TO:<{to}>"),
            "DATA",
            &message,
        ]
        .map(str::to_owned);
        lines.to_vec()
    }

    #[tokio::test]
    async fn it_answers_as_the_scenario_says_and_notes_what_it_took() {
        let mailboxes = Mailboxes::open().await.expect("a mail server");
        let receiver = Receiver::default();
        let address = mailboxes.give(&receiver);
        receiver.notes().answers = [500, 410, 204].map(Answer::Status).into();
        for last in ["451", "550", "250", "250"] {
            let heard = call(&mailboxes, &sending(&address)).await;
            assert_eq!(heard, ["220", "250", "250", "250", "354", last]);
        }
        let received = Received {
            delivery: "<d1@example.vn>".to_owned(),
            fact: "dossier.awarded".to_owned(),
        };
        assert_eq!(receiver.notes().received, [received.clone(), received]);
        assert_eq!(receiver.notes().complaints, Vec::<String>::new());
    }

    #[tokio::test]
    async fn it_keeps_the_order_of_the_protocol_and_knows_its_mailboxes() {
        let mailboxes = Mailboxes::open().await.expect("a mail server");
        let address = mailboxes.give(&Receiver::default());
        let lines = [
            "MAIL FROM:<a@example.vn>",
            "HELO me",
            "RCPT TO:<x@example.vn>",
            "MAIL a@example.vn",
            "MAIL FROM:<a@example.vn>",
            "DATA",
            "RCPT TO:<x@example.vn>",
            &format!("RCPT TO:<{address}>"),
            &format!("RCPT TO:<{address}>"),
            "NOOP",
            "RSET",
            "DATA",
            "HELP",
            "QUIT",
        ];
        let heard = call(&mailboxes, &lines.map(str::to_owned)).await;
        let expected = "220 503 250 503 501 250 503 550 250 452 250 250 503 500 221";
        assert_eq!(heard.join(" "), expected);
    }

    #[tokio::test]
    async fn a_message_that_is_not_as_ours_must_be_is_a_complaint() {
        let mailboxes = Mailboxes::open().await.expect("a mail server");
        let receiver = Receiver::default();
        let address = mailboxes.give(&receiver);
        let mut lines = sending(&address);
        for (from, to, complaint) in [
            ("Message-ID", "X-ID", "came without message-id"),
            ("auto-generated", "no", "its auto-submitted is `no`"),
            ("X-Vinhdanh-Fact", "X-Fact", "came without x-vinhdanh-fact"),
        ] {
            let whole = lines[4].clone();
            lines[4] = whole.replace(from, to);
            assert_eq!(call(&mailboxes, &lines).await.last().map(String::as_str), Some("554"));
            lines[4] = whole;
            let complaints = std::mem::take(&mut receiver.notes().complaints);
            assert!(
                matches!(&complaints[..], [one] if one.contains(complaint)),
                "{complaints:?}"
            );
        }
        assert!(receiver.notes().received.is_empty());
    }
}
