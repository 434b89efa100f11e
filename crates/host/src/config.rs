//! Configuration of a process: defaults, then a TOML file, then `VINHDANH_…` variables, then flags. An error names the
//! key.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where gRPC listens. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of the embedded databases and of the local issuer's key.
    pub data: PathBuf,
    /// Folder of rule files, laid over those that are compiled in.
    pub rules: Option<PathBuf>,
    /// PostgreSQL URL; without it: `SQLite` in `data`.
    pub database: Option<String>,
    /// NATS URL; without it: in process.
    pub nats: Option<String>,
    /// Put before every stream's and subject's name; tells installations apart on one NATS.
    pub nats_prefix: String,
    /// Addresses of services that run in other processes: `peers.intake = "http://…"`.
    pub peers: BTreeMap<String, String>,
    /// Who signs tokens.
    pub issuer: String,
    /// Whom tokens are for.
    pub audience: String,
    /// Files with further public keys (PEM) of the issuer, beside the local one.
    pub issuer_keys: Vec<PathBuf>,
    /// OTLP endpoint, e.g. `http://127.0.0.1:4317`; without it nothing is exported.
    pub otlp: Option<String>,
    /// Log filter, e.g. `info,sqlx=warn`.
    pub log: String,
    /// Logs as JSON.
    pub log_json: bool,
    /// Biggest attachment, in bytes.
    pub attachment_bytes_max: u64,
    /// Whether webhooks may go to private and loopback addresses: for rehearsals and closed networks only.
    pub webhook_private: bool,
    /// The mail server that e-mail to subscribers goes through; without it they cannot subscribe by e-mail.
    pub mail: Option<MailSettings>,
    /// How much a process takes on at once.
    pub limits: Limits,
    /// For rehearsals only: a simulated clock that starts here, in microseconds since 1970.
    pub rehearsal_clock: Option<i64>,
}

/// The mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// `smtp://host:25`, `smtp://host:587?starttls=required` or `smtps://host:465`; the last two with TLS.
    pub smtp: String,
    /// The sender's address. Messages that cannot be delivered come back to it.
    pub from: String,
    /// A file of two lines, user name and password, for a server that asks for them; needs TLS.
    #[serde(default)]
    pub credentials: Option<PathBuf>,
    /// How long the server may take for one answer, in seconds: 1 to 45.
    #[serde(default = "answer_max_s")]
    pub answer_max_s: u32,
    /// Domains that subscribers' addresses must lie in or below; none: any. So that nobody uses this installation to
    /// write to strangers.
    #[serde(default)]
    pub recipients: Vec<String>,
}

fn answer_max_s() -> u32 {
    20
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7401)),
            data: PathBuf::from("vinhdanh-data"),
            rules: None,
            database: None,
            nats: None,
            nats_prefix: String::new(),
            peers: BTreeMap::new(),
            issuer: "vinhdanh-local".to_owned(),
            audience: "vinhdanh".to_owned(),
            issuer_keys: Vec::new(),
            otlp: None,
            log: "info".to_owned(),
            log_json: false,
            attachment_bytes_max: 20 << 20,
            webhook_private: false,
            mail: None,
            limits: Limits::default(),
            rehearsal_clock: None,
        }
    }
}

impl Settings {
    /// Reads the file (if given) and the environment over the defaults, then `flags` over both. The error names the
    /// key and where it came from.
    pub fn load(file: Option<&std::path::Path>, flags: impl Serialize) -> Result<Self, String> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(format!("configuration file {} does not exist", file.display()));
            }
            figment = figment.merge(Toml::file(file));
        }
        figment = figment
            .merge(
                Env::prefixed("VINHDANH_")
                    .ignore(&["server", "token", "tools", "config"])
                    .ignore(mishap::KEYS)
                    .split("__"),
            )
            .merge(Serialized::defaults(flags));
        figment.extract().map_err(|error| {
            let all: Vec<String> = error
                .into_iter()
                .map(|one| {
                    let key = if one.path.is_empty() {
                        "?".to_owned()
                    } else {
                        one.path.join(".")
                    };
                    let from = one
                        .metadata
                        .as_ref()
                        .map(|m| format!(" (from {})", m.name))
                        .unwrap_or_default();
                    format!("{key}: {}{from}", one.kind)
                })
                .collect();
            all.join("; ")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct NoFlags {}

    #[test]
    fn an_error_names_the_key() {
        let dir = std::env::temp_dir().join(format!("vinhdanh-config-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let file = dir.join("vinhdanh.toml");
        std::fs::write(&file, "listen = \"nowhere\"\n").expect("a file");
        let error = Settings::load(Some(&file), NoFlags {}).expect_err("a bad address");
        assert!(error.starts_with("listen:"), "{error}");
        std::fs::write(&file, "listne = \"127.0.0.1:1\"\n").expect("a file");
        let error = Settings::load(Some(&file), NoFlags {}).expect_err("an unknown key");
        assert!(error.contains("listne"), "{error}");
        std::fs::remove_dir_all(&dir).expect("clean up");
    }

    #[test]
    fn the_example_is_read() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/vinhdanh.toml");
        let settings = Settings::load(Some(&file), NoFlags {}).expect("deploy/vinhdanh.toml");
        assert_eq!(settings.peers.len(), 5);
        assert!(settings.log_json && settings.nats.is_some());
        assert_eq!(settings.limits, Limits::default(), "it shows the defaults");
    }

    #[test]
    fn a_mail_server_is_set_up_whole_or_not_at_all() {
        let dir = std::env::temp_dir().join(format!("vinhdanh-mail-config-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let file = dir.join("vinhdanh.toml");
        let smtp = "[mail]\nsmtp = \"smtp://mail.example.vn\"\n";
        std::fs::write(&file, smtp).expect("a file");
        let error = Settings::load(Some(&file), NoFlags {}).expect_err("no sender");
        assert!(error.contains("mail") && error.contains("from"), "{error}");
        std::fs::write(&file, format!("{smtp}from = \"vinhdanh@example.vn\"\n")).expect("a file");
        let mail = Settings::load(Some(&file), NoFlags {}).expect("settings").mail;
        assert_eq!(mail.map(|mail| (mail.credentials, mail.answer_max_s)), Some((None, 20)));
        std::fs::remove_dir_all(&dir).expect("clean up");
    }

    #[test]
    fn flags_win() {
        #[derive(Serialize)]
        struct Flags {
            log: &'static str,
        }
        let settings = Settings::load(None, Flags { log: "debug" }).expect("settings");
        assert_eq!(settings.log, "debug");
        assert_eq!(settings.listen.port(), 7401);
    }
}
