//! A target over its seeds and as many mutations of them as asked for.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use serde_json::Value;

use crate::{mutate::mutate, random::Random, seeds, targets::Target, tree};

/// Runs every seed, then `mutations` that `seed` decides. The input that breaks the reader is printed before the panic
/// goes on.
pub fn run(target: Target, mutations: usize, seed: u64) {
    let seeds = seeds::of(target.name);
    for (n, input) in seeds.iter().enumerate() {
        guarded(target, input, &format!("seed input {n}"));
    }
    let documents: Vec<Value> = seeds
        .iter()
        .filter_map(|seed| serde_json::from_slice(seed).ok())
        .collect();
    let mut random = Random::new(seed);
    for n in 0..mutations {
        // Most broken documents end at the parser; those that are well formed come further.
        let input = if !documents.is_empty() && !random.one_in(3) {
            let (one, other) = (random.below(documents.len()), random.below(documents.len()));
            tree::mutate(&mut random, &documents[one], &documents[other])
                .to_string()
                .into_bytes()
        } else {
            let (one, other) = (random.below(seeds.len()), random.below(seeds.len()));
            mutate(&mut random, &seeds[one], &seeds[other])
        };
        guarded(target, &input, &format!("mutation {n} of seed {seed}"));
    }
}

fn guarded(target: Target, input: &[u8], which: &str) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
        let file = std::env::temp_dir().join(format!("vinhdanh-fuzz-{}-{}", target.name, std::process::id()));
        let kept = std::fs::write(&file, input).map_or_else(|e| e.to_string(), |()| file.display().to_string());
        let shown = String::from_utf8_lossy(&input[..input.len().min(2_000)]);
        eprintln!("{} breaks on {which} ({kept}):\n{shown}", target.name);
        resume_unwind(panic);
    }
}
