//! How it is handed over: one conversation with the installation's own mail server for each attempt, every step of it
//! within a limit.
//!
//! Connections are not kept: one that was given up in the middle would answer the next message with the last one's
//! words.

use std::{fmt, sync::Arc, time::Duration};

use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
        response::Severity,
    },
};

use super::address;
use crate::{answer::Answer, machine::delivery::LEASE_S};

/// An attempt that takes longer is given up: before its lease runs out, and another is begun.
const ATTEMPT_MAX: Duration = Duration::from_secs(LEASE_S as u64 - 10);
/// How long the server may take for one answer at most, in seconds.
const ANSWER_MAX_S: u32 = 45;
/// What the server says to `DATA` when it is ready for the message.
const GO_AHEAD: u16 = 354;
const OUT_OF_TURN: &str = "the mail server answered out of turn";
/// How long we wait for a good-bye that nothing depends on.
const GOODBYE_MAX: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// A server on this machine, or on a wire of the installation's own.
    Plain,
    /// TLS after a first exchange in the clear; nothing is sent if the server does not offer it.
    StartTls,
    /// TLS from the first byte on.
    Tls,
}

/// Which mail server, and in whose name.
#[derive(Clone)]
pub struct MailConfig {
    host: String,
    port: u16,
    security: Security,
    tls: Option<TlsParameters>,
    from: Address,
    credentials: Option<Credentials>,
    answer_max: Duration,
    /// Domains that we write to; none: all.
    recipients: Vec<String>,
}

impl fmt::Debug for MailConfig {
    /// Without the credentials: settings are logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("from", &self.from.to_string())
            .field("with_credentials", &self.credentials.is_some())
            .field("answer_max", &self.answer_max)
            .field("recipients", &self.recipients)
            .finish_non_exhaustive()
    }
}

impl MailConfig {
    /// From the settings: `smtp://host:25`, `smtp://host:587?starttls=required` or `smtps://host:465`, the sender's
    /// address, a text of two lines (user name, password), and how long the server may take for one answer, in
    /// seconds. Else which of them is wrong, and how; never what the credentials are.
    pub fn try_new(smtp: &str, from: &str, credentials: Option<&str>, answer_max_s: u32) -> Result<Self, String> {
        let (host, port, security) = server(smtp).map_err(|what| format!("mail.smtp: {what}"))?;
        let from = address::parse(from).map_err(|what| format!("mail.from: {what}"))?;
        if !(1..=ANSWER_MAX_S).contains(&answer_max_s) {
            return Err(format!("mail.answer_max_s: 1 to {ANSWER_MAX_S} seconds"));
        }
        let credentials = credentials
            .map(login)
            .transpose()
            .map_err(|what| format!("mail.credentials: {what}"))?;
        let is_here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        if credentials.is_some() && security == Security::Plain && !is_here {
            return Err(
                "mail.credentials: a password must not cross the network in the clear; use smtps:// or ?starttls=required"
                    .to_owned(),
            );
        }
        let tls = match security {
            Security::Plain => None,
            Security::StartTls | Security::Tls => {
                let parameters = TlsParameters::new_rustls(host.clone());
                Some(parameters.map_err(|e| format!("mail.smtp: TLS cannot be set up: {e}"))?)
            }
        };
        Ok(Self {
            host,
            port,
            security,
            tls,
            from,
            credentials,
            answer_max: Duration::from_secs(answer_max_s.into()),
            recipients: Vec::new(),
        })
    }

    /// Writes to addresses of these domains, and of domains below them, only. An empty list leaves all.
    #[must_use]
    pub fn only_to(self, domains: &[String]) -> Self {
        let recipients = domains.iter().map(|domain| domain.to_ascii_lowercase()).collect();
        Self { recipients, ..self }
    }
}

fn server(smtp: &str) -> Result<(String, u16, Security), &'static str> {
    let uri: http::Uri = smtp
        .parse()
        .map_err(|_| "it is not an address such as smtp://mail.example.vn:25")?;
    let security = match (uri.scheme_str(), uri.query()) {
        (Some("smtp"), None) => Security::Plain,
        (Some("smtp"), Some("starttls=required")) => Security::StartTls,
        (Some("smtps"), None) => Security::Tls,
        (Some("smtp"), Some(_)) => return Err("the only option is ?starttls=required"),
        (Some("smtps"), Some(_)) => return Err("smtps:// has no options"),
        _ => return Err("its scheme must be smtp or smtps"),
    };
    if uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'))
    {
        return Err("user name and password belong into the file that mail.credentials names");
    }
    if !matches!(uri.path(), "" | "/") {
        return Err("a mail server has no path");
    }
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    if host.is_empty() {
        return Err("it names no host");
    }
    let usual = match security {
        Security::Plain => 25,
        Security::StartTls => 587,
        Security::Tls => 465,
    };
    Ok((host, uri.port_u16().unwrap_or(usual), security))
}

fn login(text: &str) -> Result<Credentials, &'static str> {
    let mut lines = text.lines();
    match (lines.next(), lines.next(), lines.all(str::is_empty)) {
        (Some(user), Some(password), true) if !user.is_empty() && !password.is_empty() => {
            Ok(Credentials::new(user.to_owned(), password.to_owned()))
        }
        _ => Err("the file must have two lines: user name and password"),
    }
}

/// The way to the mail server.
#[derive(Clone, Debug)]
pub(crate) struct Relay(Arc<MailConfig>);

/// Where in a conversation something was said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Between the server and us: who we are, whether it takes anything from us.
    Hello,
    /// Whether it takes this.
    Rcpt,
    Data,
    /// The whole message was sent; whatever is not an answer leaves open whether it arrived.
    Sent,
}

impl Stage {
    fn refused(self, code: &str, definitive: bool) -> Answer {
        let at = match self {
            Self::Hello => "before RCPT",
            Self::Rcpt => "at RCPT",
            Self::Data | Self::Sent => "at DATA",
        };
        let result = format!("SMTP {code} {at}");
        // What the server has against us ends when somebody sets one of us right; no message is to be lost by it.
        if definitive && self != Self::Hello {
            Answer::Refused(result)
        } else {
            Answer::failed(&result)
        }
    }

    fn lost(self, what: &str) -> Answer {
        match self {
            Self::Sent => Answer::failed(&format!("{what} after the message was sent: it may have arrived")),
            Self::Hello | Self::Rcpt | Self::Data => Answer::failed(what),
        }
    }
}

impl Relay {
    pub(crate) fn new(config: MailConfig) -> Self {
        Self(Arc::new(config))
    }

    /// In whose name we write.
    pub(crate) fn from(&self) -> &Address {
        &self.0.from
    }

    /// Reads an address that we write to; else what is wrong with it.
    pub(crate) fn recipient(&self, text: &str) -> Result<Address, &'static str> {
        let address = address::parse(text)?;
        let domain = address.domain().to_ascii_lowercase();
        let is_within = |allowed: &String| {
            let above = domain.strip_suffix(allowed.as_str());
            above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
        };
        if self.0.recipients.is_empty() || self.0.recipients.iter().any(is_within) {
            Ok(address)
        } else {
            Err("this installation does not write to that domain; see mail.recipients in its configuration")
        }
    }

    /// One attempt to hand a message over.
    pub(crate) async fn hand_over(&self, to: &Address, message: &[u8]) -> Answer {
        // Should the limit of the whole be reached, then in a step whose own limit is longer: the answer to the data.
        match tokio::time::timeout(ATTEMPT_MAX, self.converse(to, message)).await {
            Ok(Ok(answer) | Err(answer)) => answer,
            Err(_) => Stage::Sent.lost("timeout"),
        }
    }

    async fn converse(&self, to: &Address, message: &[u8]) -> Result<Answer, Answer> {
        let config = &*self.0;
        let mut smtp = self.open().await?;
        let mail = Mail::new(Some(config.from.clone()), Vec::new());
        self.step(Stage::Hello, smtp.command(mail)).await?;
        self.step(Stage::Rcpt, smtp.command(Rcpt::new(to.clone(), Vec::new())))
            .await?;
        let go_ahead = self.step(Stage::Data, smtp.command(Data)).await?;
        // An answer too many, such as one that a stranger slipped in before TLS began, makes all that follow wrong.
        if !go_ahead.has_code(GO_AHEAD) {
            return Err(Stage::Data.lost(OUT_OF_TURN));
        }
        let taken = self.step(Stage::Sent, smtp.message(message)).await?;
        if taken.code().severity != Severity::PositiveCompletion {
            return Err(Stage::Sent.lost(OUT_OF_TURN));
        }
        // It is taken, whatever comes of the good-bye.
        let _ = tokio::time::timeout(GOODBYE_MAX, smtp.quit()).await;
        Ok(Answer::Taken(format!("SMTP {}", taken.code())))
    }

    /// A connection that is ready for a message.
    async fn open(&self) -> Result<AsyncSmtpConnection, Answer> {
        let config = &*self.0;
        let hello = ClientId::Domain(config.from.domain().to_owned());
        let from_the_start = config.tls.clone().filter(|_| config.security == Security::Tls);
        let server = (config.host.as_str(), config.port);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(server, Some(config.answer_max), &hello, from_the_start, None);
        let mut smtp = self.step(Stage::Hello, connecting).await?;
        if let (Security::StartTls, Some(tls)) = (config.security, config.tls.clone()) {
            self.step(Stage::Hello, smtp.starttls(tls, &hello)).await?;
        }
        if let Some(credentials) = &config.credentials {
            self.step(
                Stage::Hello,
                smtp.auth(&[Mechanism::Plain, Mechanism::Login], credentials),
            )
            .await?;
        }
        Ok(smtp)
    }

    /// One step within the limit. Of the server's words only the code is kept: subscribers read it.
    async fn step<T>(
        &self,
        stage: Stage,
        saying: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, Answer> {
        let error = match tokio::time::timeout(self.0.answer_max, saying).await {
            Ok(Ok(said)) => return Ok(said),
            Ok(Err(error)) => error,
            Err(_) => return Err(stage.lost("timeout")),
        };
        // Later words may name the recipient, and logs are not for that.
        if stage == Stage::Hello {
            tracing::warn!(%error, host = self.0.host, "the mail server and we do not come together");
        }
        Err(match error.status() {
            Some(code) => stage.refused(&code.to_string(), error.is_permanent()),
            None if error.is_timeout() => stage.lost("timeout"),
            None if error.is_client() => stage.lost("the mail server does not offer what is set up"),
            None if stage == Stage::Hello => stage.lost("no trusted connection to the mail server"),
            None => stage.lost("the connection was lost"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(smtp: &str, credentials: Option<&str>) -> Result<MailConfig, String> {
        MailConfig::try_new(smtp, "vinhdanh@example.vn", credentials, 20)
    }

    #[test]
    fn a_mail_server_has_a_host_a_port_and_a_way_to_be_secure() {
        for (smtp, port, security) in [
            ("smtp://mail.example.vn", 25, Security::Plain),
            ("smtp://127.0.0.1:2525", 2525, Security::Plain),
            ("smtp://mail.example.vn?starttls=required", 587, Security::StartTls),
            ("smtp://mail.example.vn:25/?starttls=required", 25, Security::StartTls),
            ("smtps://mail.example.vn", 465, Security::Tls),
        ] {
            let made = config(smtp, None).expect(smtp);
            assert_eq!((made.port, made.security), (port, security), "{smtp}");
        }
        for smtp in [
            "",
            "mail.example.vn:25",
            "http://mail.example.vn",
            "smtp://user:secret@mail.example.vn",
            "smtp://mail.example.vn?starttls=maybe",
            "smtps://mail.example.vn?starttls=required",
            "smtp://mail.example.vn/path",
        ] {
            let error = config(smtp, None).expect_err(smtp);
            assert!(error.starts_with("mail.smtp: "), "{error}");
        }
    }

    #[test]
    fn a_password_crosses_no_network_in_the_clear_and_is_never_shown() {
        let secret = Some("vinhdanh\nhidden-word\n");
        assert!(config("smtp://mail.example.vn", secret).is_err());
        for smtp in [
            "smtp://127.0.0.1:25",
            "smtps://mail.example.vn",
            "smtp://mail.example.vn?starttls=required",
        ] {
            let made = config(smtp, secret).expect(smtp);
            assert!(!format!("{made:?}").contains("hidden-word"));
        }
        for wrong in ["", "vinhdanh", "vinhdanh\n\n", "vinhdanh\nhidden-word\nmore"] {
            let error = config("smtps://mail.example.vn", Some(wrong)).expect_err("not two lines");
            assert!(
                error.starts_with("mail.credentials: ") && !error.contains("hidden-word"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_installation_may_write_to_its_own_domains_only() {
        let domains = ["Hung-Yen.example.vn".to_owned()];
        let relay = Relay::new(config("smtp://127.0.0.1", None).expect("a config").only_to(&domains));
        for within in ["a@hung-yen.example.vn", "a@so-noi-vu.HUNG-YEN.example.vn"] {
            assert!(relay.recipient(within).is_ok(), "{within}");
        }
        for without in [
            "a@example.vn",
            "a@not-hung-yen.example.vn",
            "a@hung-yen.example.vn.example.com",
            "nobody",
        ] {
            assert!(relay.recipient(without).is_err(), "{without}");
        }
    }

    #[test]
    fn a_wrong_sender_or_limit_is_told_by_its_key() {
        let error = MailConfig::try_new("smtp://127.0.0.1", "nobody", None, 20).expect_err("no address");
        assert!(error.starts_with("mail.from: "), "{error}");
        let error = MailConfig::try_new("smtp://127.0.0.1", "a@example.vn", None, 46).expect_err("beyond the lease");
        assert!(error.starts_with("mail.answer_max_s: "), "{error}");
    }
}
