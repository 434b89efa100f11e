//! What processes and files use, as Linux tells it.

use std::{fs, path::Path};

use anyhow::Context;

/// Ticks a second of /proc/PID/stat: a constant of the kernel's interface.
const TICKS_PER_S: f64 = 100.0;
/// Fields of /proc/PID/stat after the name: user and system time.
const USER_TIME: usize = 11;
const SYSTEM_TIME: usize = 12;

/// Seconds of CPU that the processes have used.
pub fn cpu_s(pids: &[u32]) -> anyhow::Result<f64> {
    let mut ticks = 0.0;
    for pid in pids {
        let stat = read(*pid, "stat")?;
        ticks += cpu_ticks(&stat).with_context(|| format!("/proc/{pid}/stat is not as expected"))?;
    }
    Ok(ticks / TICKS_PER_S)
}

/// The most memory that the processes ever had resident, in MiB, summed.
pub fn peak_rss_mib(pids: &[u32]) -> anyhow::Result<f64> {
    let mut kib = 0.0;
    for pid in pids {
        let status = read(*pid, "status")?;
        kib += peak_kib(&status).with_context(|| format!("/proc/{pid}/status names no VmHWM"))?;
    }
    Ok(kib / 1024.0)
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
fn cpu_ticks(stat: &str) -> Option<f64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some(ticks(USER_TIME)? + ticks(SYSTEM_TIME)?)
}

fn peak_kib(status: &str) -> Option<f64> {
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
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
        let stat = "12 (a (b) c) S 1 12 12 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 1 0 5 6 7";
        assert_eq!(cpu_ticks(stat), Some(300.0));
        assert_eq!(cpu_ticks("12 (a"), None);
    }

    #[test]
    fn the_peak_is_the_high_water_mark() {
        assert_eq!(
            peak_kib("Name:\tx\nVmHWM:\t   51200 kB\nVmRSS:\t 1 kB\n"),
            Some(51_200.0)
        );
        assert_eq!(peak_kib("Name:\tx\n"), None);
    }
}
