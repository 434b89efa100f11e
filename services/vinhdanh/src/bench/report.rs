//! The figures of a run.

use std::time::Duration;

use serde_json::{Value, json};

use super::crew::{Measured, percentile_ms};
use crate::output::aligned;

/// All that was measured.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Dossiers of the run.
    pub dossiers: usize,
    /// Dossiers at once.
    pub in_flight: usize,
    /// Acknowledged calls.
    pub transitions: usize,
    /// Notifications that arrived.
    pub notifications: usize,
    /// Both parts of all ways, without set-up and without the moving of the clock.
    pub acting: Duration,
    /// From the last award until the last notification.
    pub trailing: Duration,
    /// Latencies and waits.
    pub measured: Measured,
    /// CPU of the services.
    pub cpu_s: f64,
    /// Peak memory of the services, summed over processes.
    pub rss_mib: f64,
    /// Size of the databases, where it was measured.
    pub disk_bytes: Option<u64>,
    /// How it was run, e.g. `SQLite, one process`.
    pub setting: String,
    /// Why it failed.
    pub problem: Option<String>,
}

/// To three places.
pub fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

impl Report {
    fn per_s(&self, count: usize) -> f64 {
        count as f64 / self.acting.as_secs_f64().max(f64::EPSILON)
    }

    /// Acknowledged calls a second.
    pub fn transitions_per_s(&self) -> f64 {
        self.per_s(self.transitions)
    }

    /// A percentile of the acknowledged calls' latencies.
    pub fn latency_ms(&self, share: f64) -> f64 {
        percentile_ms(&mut self.measured.latencies.clone(), share)
    }

    /// CPU seconds of the services for 1,000 acknowledged calls.
    pub fn cpu_s_per_1000(&self) -> f64 {
        self.cpu_s * 1_000.0 / self.transitions.max(1) as f64
    }

    fn per_dossier(&self, amount: f64) -> f64 {
        amount / self.dossiers.max(1) as f64
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let (p50, p99) = (rounded(self.latency_ms(0.5)), rounded(self.latency_ms(0.99)));
        let mut measured = self.measured.clone();
        let mut wait = |share| rounded(percentile_ms(&mut measured.waits, share));
        let (wait_p50, wait_p99) = (wait(0.5), wait(0.99));
        json!({
            "dossiers": self.dossiers,
            "in_flight": self.in_flight,
            "setting": self.setting,
            "build": if cfg!(debug_assertions) { "dev" } else { "release" },
            "transitions": self.transitions,
            "transitions_per_dossier": rounded(self.per_dossier(self.transitions as f64)),
            "notifications": self.notifications,
            "seconds": rounded(self.acting.as_secs_f64()),
            "transitions_per_s": rounded(self.transitions_per_s()),
            "dossiers_per_s": rounded(self.per_s(self.dossiers)),
            "p50_ms": p50,
            "p99_ms": p99,
            "waits": measured.waits.len(),
            "wait_p50_ms": wait_p50,
            "wait_p99_ms": wait_p99,
            "notifications_after_s": rounded(self.trailing.as_secs_f64()),
            "cpu_s_per_1000": rounded(self.cpu_s_per_1000()),
            "rss_mib": rounded(self.rss_mib),
            "disk_bytes_per_dossier": self.disk_bytes.map(|bytes| self.per_dossier(bytes as f64).round()),
            "problem": self.problem,
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let figures = self.json();
        let number = |key: &str| match &figures[key] {
            Value::Null => "–".to_owned(),
            other => other.to_string(),
        };
        let rows = [
            (
                "Hồ sơ, cùng lúc / dossiers, in flight",
                format!("{}, {}", self.dossiers, self.in_flight),
            ),
            ("Bước mỗi hồ sơ / transitions each", number("transitions_per_dossier")),
            ("Bước mỗi giây / transitions a second", number("transitions_per_s")),
            ("Hồ sơ mỗi giây / dossiers a second", number("dossiers_per_s")),
            ("Độ trễ / latency p50, ms", number("p50_ms")),
            ("Độ trễ / latency p99, ms", number("p99_ms")),
            (
                "Đợi tin / waits for news p50, p99, ms",
                format!("{}, {}", number("wait_p50_ms"), number("wait_p99_ms")),
            ),
            (
                "CPU mỗi 1000 bước / CPU for 1000 transitions, s",
                number("cpu_s_per_1000"),
            ),
            ("Bộ nhớ cao nhất / peak memory, MiB", number("rss_mib")),
            (
                "Đĩa mỗi hồ sơ / disk a dossier, bytes",
                number("disk_bytes_per_dossier"),
            ),
            ("Thông báo / notifications", number("notifications")),
        ];
        let rows: Vec<_> = rows
            .into_iter()
            .map(|(what, figure)| vec![what.to_owned(), figure])
            .collect();
        let build = figures["build"].as_str().unwrap_or_default();
        let mut text = format!("{} · {build}\n{}", self.setting, aligned(&rows));
        if let Some(problem) = &self.problem {
            text.push_str("\n✗ ");
            text.push_str(problem);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_by_dossier_and_by_second() {
        let report = Report {
            dossiers: 10,
            transitions: 450,
            acting: Duration::from_secs(5),
            cpu_s: 2.0,
            disk_bytes: Some(1_000),
            ..Report::default()
        };
        let figures = report.json();
        assert_eq!(figures["transitions_per_s"], 90.0);
        assert_eq!(figures["dossiers_per_s"], 2.0);
        assert_eq!(figures["cpu_s_per_1000"], 4.444);
        assert_eq!(figures["disk_bytes_per_dossier"], 100.0);
        assert_eq!(Report::default().json()["disk_bytes_per_dossier"], Value::Null);
    }
}
