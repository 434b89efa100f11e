//! How the command line reaches running services: addresses, channels, tokens, and failures that people can read.

mod patience;

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use proto::{
    admin::v1::admin_service_client::AdminServiceClient, approval::v1::approval_service_client::ApprovalServiceClient,
    council::v1::council_service_client::CouncilServiceClient,
    directory::v1::directory_service_client::DirectoryServiceClient,
    intake::v1::intake_service_client::IntakeServiceClient, log::v1::event_log_service_client::EventLogServiceClient,
    notification::v1::notification_service_client::NotificationServiceClient,
    rehearsal::v1::rehearsal_service_client::RehearsalServiceClient,
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Endpoint,
};

pub use patience::Patient;

/// The services that have an API of their own.
pub const SERVICES: [&str; 5] = ["directory", "intake", "approval", "council", "notification"];

/// Where the services listen: one address for all, or one for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Servers(BTreeMap<String, String>);

impl Servers {
    /// All services at one address.
    pub fn one(url: &str) -> Self {
        Self(
            SERVICES
                .iter()
                .map(|service| ((*service).to_owned(), url.to_owned()))
                .collect(),
        )
    }

    /// A service at an address.
    pub fn set(&mut self, service: &str, url: &str) {
        self.0.insert(service.to_owned(), url.to_owned());
    }

    /// The distinct addresses.
    pub fn addresses(&self) -> Vec<String> {
        let mut all: Vec<String> = self.0.values().cloned().collect();
        all.sort();
        all.dedup();
        all
    }

    /// The address of a service.
    pub fn of(&self, service: &str) -> anyhow::Result<&str> {
        self.0
            .get(service)
            .map(String::as_str)
            .with_context(|| format!("no address for service {service}"))
    }
}

impl std::str::FromStr for Servers {
    type Err = anyhow::Error;

    /// `http://host:port`, or `intake=http://…,approval=http://…`.
    fn from_str(text: &str) -> anyhow::Result<Self> {
        if !text.contains('=') {
            return Ok(Self::one(text));
        }
        let mut servers = Self::default();
        for part in text.split(',') {
            let (service, url) = part.split_once('=').context("expected SERVICE=URL,SERVICE=URL,…")?;
            if !SERVICES.contains(&service) {
                bail!("no service is called {service}; there are {}", SERVICES.join(", "));
            }
            servers.set(service, url);
        }
        Ok(servers)
    }
}

/// Puts the bearer token on every call.
#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// A channel that carries a token, and comes again when it is told to.
pub type Authorized = InterceptedService<Patient, Bearer>;

/// Channels to all services, as one person.
#[derive(Clone)]
pub struct Client {
    channels: BTreeMap<String, Patient>,
    bearer: Bearer,
}

impl Client {
    /// Channels that connect when they are first used.
    pub fn new(servers: &Servers, token: &str) -> anyhow::Result<Self> {
        let mut opened: BTreeMap<&str, Patient> = BTreeMap::new();
        let mut channels = BTreeMap::new();
        for (service, url) in &servers.0 {
            let channel = if let Some(channel) = opened.get(url.as_str()) {
                channel.clone()
            } else {
                let endpoint = Endpoint::from_shared(url.clone()).with_context(|| format!("bad address {url}"))?;
                let channel = Patient::new(endpoint.tcp_nodelay(true).connect_lazy());
                opened.insert(url, channel.clone());
                channel
            };
            channels.insert(service.clone(), channel);
        }
        Ok(Self {
            channels,
            bearer: bearer(token)?,
        })
    }

    /// The same channels as another person.
    pub fn acting(&self, token: &str) -> anyhow::Result<Self> {
        Ok(Self {
            channels: self.channels.clone(),
            bearer: bearer(token)?,
        })
    }

    fn channel(&self, service: &str) -> Authorized {
        let channel = self.channels.get(service).or_else(|| self.channels.values().next());
        let channel = channel
            .cloned()
            .unwrap_or_else(|| Patient::new(Endpoint::from_static("http://127.0.0.1:1").connect_lazy()));
        InterceptedService::new(channel, self.bearer.clone())
    }

    /// The directory.
    pub fn directory(&self) -> DirectoryServiceClient<Authorized> {
        DirectoryServiceClient::new(self.channel("directory"))
    }

    /// Intake.
    pub fn intake(&self) -> IntakeServiceClient<Authorized> {
        IntakeServiceClient::new(self.channel("intake"))
    }

    /// Approval.
    pub fn approval(&self) -> ApprovalServiceClient<Authorized> {
        ApprovalServiceClient::new(self.channel("approval"))
    }

    /// Councils.
    pub fn council(&self) -> CouncilServiceClient<Authorized> {
        CouncilServiceClient::new(self.channel("council"))
    }

    /// Notification.
    pub fn notification(&self) -> NotificationServiceClient<Authorized> {
        NotificationServiceClient::new(self.channel("notification"))
    }

    /// The admin API of the process that runs a service.
    pub fn admin(&self, service: &str) -> AdminServiceClient<Authorized> {
        AdminServiceClient::new(self.channel(service))
    }

    /// The event log of the process that runs a service.
    pub fn log(&self, service: &str) -> EventLogServiceClient<Authorized> {
        EventLogServiceClient::new(self.channel(service))
    }

    /// The rehearsal controls of the process that runs a service.
    pub fn rehearsal(&self, service: &str) -> RehearsalServiceClient<Authorized> {
        RehearsalServiceClient::new(self.channel(service))
    }
}

fn bearer(token: &str) -> anyhow::Result<Bearer> {
    Ok(Bearer(
        format!("Bearer {token}")
            .parse()
            .context("the token is not plain text")?,
    ))
}

/// A refused call, as its rich error tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The gRPC code's name, e.g. `FAILED_PRECONDITION`.
    pub code: &'static str,
    /// The stable reason of its ErrorInfo, or empty.
    pub reason: String,
    /// For people, in Vietnamese.
    pub vi: String,
    /// For people, in English.
    pub en: String,
    /// Problems by field.
    pub fields: Vec<(String, String)>,
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        use tonic_types::{ErrorDetail, StatusExt as _};
        let mut failure = Self {
            code: code_name(status.code()),
            reason: String::new(),
            vi: String::new(),
            en: status.message().to_owned(),
            fields: Vec::new(),
        };
        for detail in status.get_error_details_vec() {
            match detail {
                ErrorDetail::ErrorInfo(info) => failure.reason = info.reason,
                ErrorDetail::LocalizedMessage(text) if text.locale.starts_with("vi") => failure.vi = text.message,
                ErrorDetail::LocalizedMessage(text) => failure.en = text.message,
                ErrorDetail::BadRequest(bad) => {
                    failure
                        .fields
                        .extend(bad.field_violations.into_iter().map(|v| (v.field, v.description)));
                }
                _ => {}
            }
        }
        failure
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.reason.is_empty() && self.reason != self.code {
            write!(f, " {}", self.reason)?;
        }
        if !self.vi.is_empty() {
            write!(f, ": {}", self.vi)?;
        }
        write!(f, "\n  {}", self.en)?;
        for (field, text) in &self.fields {
            write!(f, "\n  {field}: {text}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// The name of a gRPC code, as the specification writes it.
pub fn code_name(code: tonic::Code) -> &'static str {
    use tonic::Code;
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
