//! The subscribers' side: a web server and a mail server that note what they get before they answer, and that at times
//! answer badly or not at all.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use checker::{Notified, ReceiverLog};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{clock::Clock, dice::Dice};

const LINE_BYTES_MAX: u64 = 8 << 10;
const BODY_BYTES_MAX: usize = 1 << 20;

/// Both servers; dropping them ends them.
pub struct Receivers {
    /// Where webhooks go.
    pub web: SocketAddr,
    /// The mail server.
    pub mail: SocketAddr,
    manners: Arc<Mutex<Manners>>,
    _serving: JoinSet<()>,
}

/// How calls are answered.
struct Manners {
    dice: Dice,
    bad_percent: u64,
}

#[derive(Clone)]
struct Desk {
    log: Arc<ReceiverLog>,
    clock: Clock,
    manners: Arc<Mutex<Manners>>,
}

impl Receivers {
    /// Opens both on free ports; what comes is noted in these files.
    pub async fn open(webhooks: &Path, mails: &Path, clock: &Clock, dice: Dice) -> anyhow::Result<Self> {
        let manners = Arc::new(Mutex::new(Manners { dice, bad_percent: 15 }));
        let desk = |file: &Path| {
            Ok::<_, anyhow::Error>(Desk {
                log: Arc::new(ReceiverLog::append(file)?),
                clock: clock.clone(),
                manners: Arc::clone(&manners),
            })
        };
        let (web, mail) = (listener().await?, listener().await?);
        let (web_address, mail_address) = (web.local_addr()?, mail.local_addr()?);
        let mut serving = JoinSet::new();
        serving.spawn(serve(web, desk(webhooks)?, webhook));
        serving.spawn(serve(mail, desk(mails)?, message));
        Ok(Self {
            web: web_address,
            mail: mail_address,
            manners,
            _serving: serving,
        })
    }

    /// From now on every call is answered well.
    pub fn behave(&self) {
        self.manners.lock().unwrap_or_else(PoisonError::into_inner).bad_percent = 0;
    }
}

async fn listener() -> std::io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", testkit::free_port())).await
}

async fn serve<F, S>(listener: TcpListener, desk: Desk, session: F)
where
    F: Fn(BufReader<TcpStream>, Desk) -> S,
    S: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let mut sessions = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let session = session(BufReader::new(stream), desk.clone());
        // A caller that hangs up early was noted already, if it came that far.
        sessions.spawn(async { _ = session.await });
        while sessions.try_join_next().is_some() {}
    }
}

impl Desk {
    /// What a call is answered with: `well`, or `badly`, or nothing at all (0).
    fn answer(&self, well: u16, badly: u16) -> u16 {
        let mut manners = self.manners.lock().unwrap_or_else(PoisonError::into_inner);
        let bad_percent = manners.bad_percent;
        match (manners.dice.chance(bad_percent), manners.dice.chance(30)) {
            (true, true) => 0,
            (true, false) => badly,
            (false, _) => well,
        }
    }

    fn note(&self, mut notified: Notified, body: &str, fact: &str) -> std::io::Result<()> {
        notified.at = self.clock.now();
        let told: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        notified.fact = if fact.is_empty() {
            text(&told["type"])
        } else {
            fact.to_owned()
        };
        notified.dossier = text(&told["data"]["dossier"]);
        self.log.note(&notified)
    }
}

async fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = String::new();
    let read = (&mut *stream).take(LINE_BYTES_MAX).read_line(&mut line).await?;
    if read == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

/// The value of a header line of this name.
fn header<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (found, value) = line.split_once(':')?;
    found.eq_ignore_ascii_case(name).then(|| value.trim())
}

/// One webhook call (HTTP/1.1).
async fn webhook(mut stream: BufReader<TcpStream>, desk: Desk) -> std::io::Result<()> {
    let (mut id, mut length) = (String::new(), 0_usize);
    line(&mut stream).await?;
    loop {
        let line = line(&mut stream).await?;
        if line.is_empty() {
            break;
        }
        if let Some(value) = header(&line, "webhook-id") {
            value.clone_into(&mut id);
        }
        if let Some(value) = header(&line, "content-length") {
            length = value.parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length.min(BODY_BYTES_MAX)];
    stream.read_exact(&mut body).await?;
    let answer = desk.answer(200, 500);
    desk.note(
        Notified::new(0, &id, &body, answer),
        &String::from_utf8_lossy(&body),
        "",
    )?;
    if answer == 0 {
        return Ok(());
    }
    let head = format!("HTTP/1.1 {answer} \r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await
}

/// One session of a mail client (RFC 5321).
async fn message(mut stream: BufReader<TcpStream>, desk: Desk) -> std::io::Result<()> {
    stream.write_all(b"220 faults.example ready\r\n").await?;
    loop {
        let command = line(&mut stream).await?;
        let said: &[u8] = match command.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "QUIT" => return stream.write_all(b"221 bye\r\n").await,
            "DATA" => {
                stream.write_all(b"354 end with a dot\r\n").await?;
                match mail(&mut stream, &desk).await? {
                    0 => return Ok(()),
                    250 => b"250 taken\r\n",
                    _ => b"451 not now\r\n",
                }
            }
            _ => b"250 go on\r\n",
        };
        stream.write_all(said).await?;
    }
}

/// The message itself; what it is to be answered with.
async fn mail(stream: &mut BufReader<TcpStream>, desk: &Desk) -> std::io::Result<u16> {
    let (mut id, mut fact, mut text) = (String::new(), String::new(), String::new());
    loop {
        let line = line(stream).await?;
        if line == "." {
            break;
        }
        if let Some(value) = header(&line, "message-id")
            && let Some((local, _)) = value.trim_matches(['<', '>']).split_once('@')
        {
            local.clone_into(&mut id);
        }
        if let Some(value) = header(&line, "x-vinhdanh-fact") {
            value.clone_into(&mut fact);
        }
        text.push_str(&line);
        text.push('\n');
    }
    let answer = desk.answer(250, 451);
    desk.note(Notified::new(0, &id, text.as_bytes(), answer), "", &fact)?;
    Ok(answer)
}
