//! How many verdicts one core gives in a second: over the samples, and over a set of two thousand made from them.

use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use law::{Agencies, Award, Basis, Document, DossierFile, Law, Rating, YearRating};

/// How long each set is judged for.
const SPAN: Duration = Duration::from_secs(2);
const MADE: usize = 2_000;

fn samples() -> Vec<DossierFile> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples");
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .expect("the folder of samples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .filter(|path| !path.to_string_lossy().ends_with(".expect.json"))
        .collect();
    files.sort();
    let text = |path| std::fs::read_to_string(path).expect("a sample");
    let dossiers = files.iter().map(|path| DossierFile::parse(&text(path)));
    dossiers.map(|read| read.expect("a good dossier file")).collect()
}

/// Dossiers as long as those of a career: ratings and titles of fifteen years, each one a little different.
fn made(samples: &[DossierFile]) -> Vec<DossierFile> {
    let one = |n: usize| {
        let mut dossier = samples[n % samples.len()].clone();
        dossier.candidate.id = Some(format!("bench-{n}"));
        let last = dossier.achievement.to.year();
        let from = last - 15 + i32::try_from(n / samples.len() % 12).expect("a small number");
        let rated: Vec<i32> = dossier.record.ratings.iter().map(|rating| rating.year).collect();
        for year in (from..=last).filter(|year| !rated.contains(year)) {
            let rating = if (n + year.unsigned_abs() as usize).is_multiple_of(7) {
                Rating::HoanThanhTot
            } else {
                Rating::HoanThanhXuatSac
            };
            dossier.record.ratings.push(YearRating { year, rating });
        }
        dossier.record.awards.extend((from..last).map(|year| Award {
            award: ["lao-dong-tien-tien", "chien-si-thi-dua-co-so"][n % 2].to_owned(),
            year,
            date: None,
            decision: Some(format!("{n}/QĐ-UBND")),
            issuer: None,
            basis: Basis::Merit,
            achievement: None,
            revoked_on: None,
        }));
        let kind = ["bien-ban-binh-xet", "chung-nhan-sang-kien"][n % 2].to_owned();
        dossier.documents.push(Document {
            kind,
            file: None,
            number: None,
            date: None,
            sha256: None,
        });
        dossier
    };
    (0..MADE).map(one).collect()
}

fn measure(name: &str, dossiers: &[DossierFile], agencies: &Agencies) {
    let law = Law::embedded();
    #[expect(clippy::disallowed_methods, reason = "a bench measures")]
    let now = Instant::now;
    let judged = dossiers.iter().filter(|d| law.check(d, agencies, None).is_ok()).count();
    let mut verdicts = 0usize;
    let begin = now();
    while begin.elapsed() < SPAN {
        for dossier in dossiers {
            black_box(law.check(black_box(dossier), agencies, None).ok());
        }
        verdicts += dossiers.len();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    let rate = verdicts as f64 / begin.elapsed().as_secs_f64();
    println!(
        "{name}: {rate:.0} verdicts/s on one core, {:.1} µs each ({judged} of {} judged)",
        1e6 / rate,
        dossiers.len()
    );
}

fn main() {
    let agencies = Agencies::embedded();
    let samples = samples();
    measure("samples", &samples, &agencies);
    measure("careers", &made(&samples), &agencies);
}
