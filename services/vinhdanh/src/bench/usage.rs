//! What processes and files use, as Linux tells it.

use std::{fs, path::Path};

use anyhow::Context;
use tokio::time::Instant;

/// Ticks a second of /proc/PID/stat: a constant of the kernel's interface.
const TICKS_PER_S: f64 = 100.0;
/// Fields of /proc/PID/stat after the name: user and system time.
const USER_TIME: usize = 11;
const SYSTEM_TIME: usize = 12;
/// The same of the children that have ended.
const REAPED_USER_TIME: usize = 13;
const REAPED_SYSTEM_TIME: usize = 14;
/// Columns of the line `cpu` of /proc/stat behind its name: idle, waiting for the disk, stolen by the host, and the
/// guest's time, which is counted as the user's already.
const IDLE: [usize; 2] = [3, 4];
const STOLEN: usize = 7;
const COUNTED: usize = 8;
/// Servers that a bench uses and that are no service.
const SERVERS: [&str; 2] = ["postgres", "nats-server"];

/// Seconds of CPU that the processes have used.
pub fn cpu_s(pids: &[u32]) -> anyhow::Result<f64> {
    let mut ticks = 0.0;
    for pid in pids {
        let stat = read(*pid, "stat")?;
        ticks += cpu_ticks(&stat, false).with_context(|| format!("/proc/{pid}/stat is not as expected"))?;
    }
    Ok(ticks / TICKS_PER_S)
}

/// The most memory that the processes ever had resident, in MiB, summed.
pub fn peak_rss_mib(pids: &[u32]) -> anyhow::Result<f64> {
    let mut kib = 0.0;
    for pid in pids {
        let status = read(*pid, "status")?;
        kib += self::kib(&status, "VmHWM:").with_context(|| format!("/proc/{pid}/status names no VmHWM"))?;
    }
    Ok(kib / 1024.0)
}

/// The memory that each process has resident now, in MiB.
pub fn rss_mib(pids: &[u32]) -> anyhow::Result<Vec<f64>> {
    let of = |pid: &u32| {
        let kib = kib(&read(*pid, "status")?, "VmRSS:");
        Ok(kib.with_context(|| format!("/proc/{pid}/status names no VmRSS"))? / 1024.0)
    };
    pids.iter().map(of).collect()
}

/// How many cores were used meanwhile, by whom.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cores {
    /// By processes that have nothing to do with it.
    pub other: f64,
    /// By PostgreSQL and NATS, which the services use; whichever of them run on this machine.
    pub servers: f64,
    /// By nobody here: the host gave them to other machines.
    pub stolen: f64,
}

/// Looks at the whole machine until it is asked.
pub struct Watch {
    began: Instant,
    own: Vec<u32>,
    before: Machine,
}

/// Seconds of CPU since the machine started.
#[derive(Clone, Copy)]
struct Machine {
    used: f64,
    stolen: f64,
    own: f64,
    servers: f64,
}

impl Watch {
    /// Begins; this process and `services` are not others.
    pub fn begin(services: &[u32]) -> anyhow::Result<Self> {
        let own = [services, &[std::process::id()]].concat();
        Ok(Self {
            began: Instant::now(),
            before: Machine::now(&own)?,
            own,
        })
    }

    /// What was used since; the processes must still run.
    pub fn end(&self) -> anyhow::Result<Cores> {
        let (now, before) = (Machine::now(&self.own)?, &self.before);
        let seconds = self.began.elapsed().as_secs_f64().max(f64::EPSILON);
        let (own, servers) = (now.own - before.own, now.servers - before.servers);
        Ok(Cores {
            other: ((now.used - before.used - own - servers) / seconds).max(0.0),
            servers: servers / seconds,
            stolen: (now.stolen - before.stolen) / seconds,
        })
    }
}

impl Machine {
    fn now(own: &[u32]) -> anyhow::Result<Self> {
        let stat = fs::read_to_string("/proc/stat").context("/proc/stat")?;
        let (used, stolen) = machine_ticks(&stat).context("/proc/stat is not as expected")?;
        let mut servers = 0.0;
        for entry in fs::read_dir("/proc").context("/proc")?.flatten() {
            // One that ends in between has its time with its parent.
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else {
                continue;
            };
            let name = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
            if name.is_some_and(|(name, _)| SERVERS.contains(&name)) {
                servers += cpu_ticks(&stat, true).unwrap_or_default();
            }
        }
        let mut of_own = 0.0;
        for pid in own {
            let stat = read(*pid, "stat")?;
            of_own += cpu_ticks(&stat, true).with_context(|| format!("/proc/{pid}/stat is not as expected"))?;
        }
        Ok(Self {
            used: used / TICKS_PER_S,
            stolen: stolen / TICKS_PER_S,
            own: of_own / TICKS_PER_S,
            servers: servers / TICKS_PER_S,
        })
    }
}

/// Ticks that were used in all, and those that were stolen.
fn machine_ticks(stat: &str) -> Option<(f64, f64)> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<f64> = line.split_whitespace().map_while(|field| field.parse().ok()).collect();
    let stolen = *fields.get(STOLEN)?;
    let used = fields
        .iter()
        .take(COUNTED)
        .enumerate()
        .filter(|(at, _)| *at != STOLEN && !IDLE.contains(at));
    Some((used.map(|(_, ticks)| ticks).sum(), stolen))
}

/// Bytes of the databases in a folder, with their write-ahead logs.
pub fn database_bytes(data: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(data).with_context(|| format!("cannot read {}", data.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains(".db") || name.contains(".sqlite") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

fn read(pid: u32, file: &str) -> anyhow::Result<String> {
    fs::read_to_string(format!("/proc/{pid}/{file}")).with_context(|| format!("process {pid} cannot be measured"))
}

/// The name stands in parentheses and may hold anything, so that the fields are counted from its end.
fn cpu_ticks(stat: &str, with_reaped: bool) -> Option<f64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    let own = ticks(USER_TIME)? + ticks(SYSTEM_TIME)?;
    Some(if with_reaped {
        own + ticks(REAPED_USER_TIME)? + ticks(REAPED_SYSTEM_TIME)?
    } else {
        own
    })
}

fn kib(status: &str, field: &str) -> Option<f64> {
    status
        .lines()
        .find_map(|line| line.strip_prefix(field))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_name_with_spaces_and_parentheses() {
        let stat = "12 (a (b) c) S 1 12 12 0 -1 4194560 1 0 0 0 250 50 7 3 20 0 1 0 5 6 7";
        assert_eq!(cpu_ticks(stat, false), Some(300.0));
        assert_eq!(cpu_ticks(stat, true), Some(310.0));
        assert_eq!(cpu_ticks("12 (a", false), None);
    }

    #[test]
    fn memory_is_found_by_its_field() {
        let status = "Name:\tx\nVmHWM:\t   51200 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(kib(status, "VmHWM:"), Some(51_200.0));
        assert_eq!(kib(status, "VmRSS:"), Some(1.0));
        assert_eq!(kib("Name:\tx\n", "VmHWM:"), None);
    }

    #[test]
    fn idle_stolen_and_guest_time_is_not_used_time() {
        let stat = "cpu  10 1 5 900 40 2 3 7 4 0\ncpu0 1 1 1 1\n";
        assert_eq!(machine_ticks(stat), Some((21.0, 7.0)));
    }
}
