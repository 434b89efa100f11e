//! A year of the whole country in small: every dossier gets through, by the way that the law gives its award. How fast is
//! not asked here. A thousandth, which is 3,000 dossiers and 40,000 transitions, takes minutes in a dev build; so a
//! ten-thousandth.

use std::process::Command;

use serde_json::Value;
use tests::program;

const DOSSIERS: u64 = 300;

#[test]
fn a_ten_thousandth_of_the_nations_year_ends_awarded() {
    let output = Command::new(program())
        .args(["bench", "--nation", "1/10000", "--in-flight", "32", "--json"])
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let figures: Value = serde_json::from_slice(&output.stdout).expect("an object");
    assert_eq!(figures["dossiers"], DOSSIERS, "{figures}");
    assert_eq!(figures["awarded"], DOSSIERS, "{figures}");
    // Created, submitted, received, appraised, decided: nobody gets an award for less.
    let transitions = figures["transitions"].as_u64().expect("a number");
    assert!(transitions >= 5 * DOSSIERS, "{figures}");
    let tenths = figures["tenths"].as_array().expect("a list");
    let last = tenths.last().expect("a growth curve");
    assert_eq!(last["dossiers"], DOSSIERS, "{figures}");
    assert!(last["disk_bytes_per_dossier"].as_f64() > Some(0.0), "{figures}");
}
