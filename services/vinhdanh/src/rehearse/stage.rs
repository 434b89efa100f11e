//! Where a scenario is played: on services of its own, or on a running system.

use std::path::PathBuf;

use access::{Principal, Role};
use anyhow::{Context, bail};
use proto::rehearsal::v1::{
    AdvanceTimeRequest, DisturbBusRequest, GetTimeRequest, disturb_bus_request::Disturbance as Disturb,
};
use time::OffsetDateTime;

use super::{
    player::Trouble,
    scenario::Actor,
    span::{VIET_NAM, micros},
    values::Disturbance,
};
use crate::{
    client::{Client, SERVICES, Servers},
    commands::token,
    installation::Installation,
};

/// The agency of the runner's own auditor and operator; both roles are bound to none.
const RUNNER: &str = "bo-noi-vu";
/// On a running system each call is made with a token of its own.
const TOKEN_S: i64 = 600;

/// Services, and tokens that they accept.
pub struct Stage {
    kind: Kind,
    client: Client,
    /// A service behind each distinct address.
    doors: Vec<String>,
}

enum Kind {
    /// Started for this rehearsal: clock, bus and processes are in the runner's hand.
    Own(Installation),
    /// Running anyway; `data` holds the key of its local issuer.
    Running { data: PathBuf },
}

impl Stage {
    /// Services of the rehearsal's own.
    pub fn own(installation: Installation) -> anyhow::Result<Self> {
        let servers = installation.servers().clone();
        Self::new(Kind::Own(installation), &servers)
    }

    /// A running system.
    pub fn running(servers: &Servers, data: PathBuf) -> anyhow::Result<Self> {
        Self::new(Kind::Running { data }, servers)
    }

    fn new(kind: Kind, servers: &Servers) -> anyhow::Result<Self> {
        let mut doors = Vec::new();
        let mut seen = Vec::new();
        for service in SERVICES {
            let address = servers.of(service)?.to_owned();
            if !seen.contains(&address) {
                seen.push(address);
                doors.push(service.to_owned());
            }
        }
        // Its token opens nothing: every call is made as somebody.
        Ok(Self {
            kind,
            client: Client::new(servers, "")?,
            doors,
        })
    }

    /// A service behind each distinct address.
    pub fn doors(&self) -> &[String] {
        &self.doors
    }

    /// Channels as one person.
    pub fn acting(&self, actor: &Actor) -> anyhow::Result<Client> {
        let who = Principal {
            subject: actor.subject(),
            role: actor.role,
            agency: actor.agency.clone(),
            person: actor.person(),
        };
        let token = match &self.kind {
            Kind::Own(installation) => installation.token(&who),
            Kind::Running { data } => token::mint(data, &who, TOKEN_S)?,
        };
        self.client.acting(&token)
    }

    /// Channels as the runner's auditor, who reads all.
    pub fn auditor(&self) -> anyhow::Result<Client> {
        self.acting(&Actor::of(Role::Auditor, RUNNER))
    }

    fn operator(&self) -> anyhow::Result<Client> {
        self.acting(&Actor::of(Role::Operator, RUNNER))
    }

    fn in_hand(&self, what: &str) -> anyhow::Result<()> {
        match &self.kind {
            Kind::Own(_) => Ok(()),
            Kind::Running { .. } => {
                bail!("{what} exists only in services started for a rehearsal: play the file without --server")
            }
        }
    }

    /// The rehearsal's now.
    pub async fn now(&self) -> Result<OffsetDateTime, Trouble> {
        self.in_hand("the simulated clock")?;
        let door = self.doors.first().context("no service is running")?;
        let answer = self
            .operator()?
            .rehearsal(door)
            .get_time(GetTimeRequest {})
            .await?
            .into_inner();
        let now = OffsetDateTime::from_unix_timestamp_nanos(i128::from(answer.now) * 1_000)
            .context("the services' time is no instant")?;
        Ok(now.to_offset(VIET_NAM))
    }

    /// Moves every service's clock.
    pub async fn advance(&self, to: OffsetDateTime) -> Result<(), Trouble> {
        self.in_hand("the simulated clock")?;
        let operator = self.operator()?;
        for door in &self.doors {
            operator
                .rehearsal(door)
                .advance_time(AdvanceTimeRequest { to: micros(to) })
                .await?;
        }
        Ok(())
    }

    /// Breaks or mends the bus.
    pub async fn disturb(&self, how: Disturbance) -> Result<(), Trouble> {
        self.in_hand("control of the bus")?;
        let disturbance = match how {
            Disturbance::Lose => Disturb::Lose,
            Disturbance::Down => Disturb::Down,
            Disturbance::Up => Disturb::Up,
        };
        let operator = self.operator()?;
        for door in &self.doors {
            let request = DisturbBusRequest {
                disturbance: disturbance.into(),
            };
            operator.rehearsal(door).disturb_bus(request).await?;
        }
        Ok(())
    }

    /// Stops services hard and starts them again.
    pub async fn restart(&mut self, services: &[String]) -> anyhow::Result<()> {
        self.in_hand("`restart`")?;
        match &mut self.kind {
            Kind::Own(installation) => installation.restart(services).await,
            Kind::Running { .. } => Ok(()),
        }
    }

    /// Ends what was started.
    pub async fn stop(self) -> anyhow::Result<()> {
        match self.kind {
            Kind::Own(installation) => installation.stop().await,
            Kind::Running { .. } => Ok(()),
        }
    }
}
