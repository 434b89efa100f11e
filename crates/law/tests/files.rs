//! Rule sets come in by files alone, and go out as bundles that judge the same.

use std::{fs, path::Path};

use law::{Agencies, DossierFile, Law, LawError};

fn samples() -> Vec<(String, DossierFile)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples");
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).expect("the samples") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".json").filter(|stem| !stem.ends_with(".expect")) {
            let file = DossierFile::parse(&fs::read_to_string(&path).expect("a file")).expect("a dossier");
            all.push((stem.to_owned(), file));
        }
    }
    assert!(all.len() >= 12, "there are samples");
    all
}

fn next_year(dir: &Path, rule_set: &str, awards: &str) {
    let folder = dir.join("law-2027");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("rule_set.toml"), rule_set).expect("a file");
    fs::write(folder.join("awards.toml"), awards).expect("a file");
}

const RULE_SET: &str = r#"
in_force_from = "2027-03-01"
in_force_to = "2028-01-01"
base = "law-2026"
borrowed = false
key = "letter"
key_confirmed = false
law = "06/2022/QH15"
decree = "1/2027/NĐ-CP"
extra_decrees = []
circulars = []
local_levels = ["xa", "tinh"]
discipline_resets = true
no_award_to_dissolved = true
one_state_award_a_year = "none"
rating_between_awards = true
tax_paper = false
confirmed = false
"#;

const AWARDS: &str = r#"
[[criteria]]
of_award = "bang-khen-thu-tuong"
path = "*"
recipient = "individual"
type = "annual-rating"
years = 1
value_at_least = "hoan-thanh-xuat-sac"
article = "1/2027/NĐ-CP Đ1"
confirmed = true

[[award]]
code = "huan-chuong-moi"
name_vi = "Huân chương mới"
name_en = "New Order"
kind = "order"
recipient = "individual"
decider = "president"
confirmed = false
"#;

#[test]
fn a_bundle_judges_as_the_law_that_wrote_it() {
    let (law, agencies) = (Law::embedded(), Agencies::embedded());
    for (name, file) in samples() {
        let Ok(check) = law.check(&file, &agencies, None) else {
            continue;
        };
        let bundle = law.bundle(&check.rule_set).expect("a rule set");
        let again = Law::from_bundle(&bundle).expect("a bundle");
        assert_eq!(again.digest(&check.rule_set), law.digest(&check.rule_set), "{name}");
        assert_eq!(again.check(&file, &agencies, None).as_ref(), Ok(&check), "{name}");
    }
}

#[test]
fn a_rule_set_comes_in_by_its_folder_and_leaves_the_others_as_they_were() {
    let dir = tempfile::tempdir().expect("a folder");
    next_year(dir.path(), RULE_SET, AWARDS);
    let law = Law::load(dir.path()).expect("files of the law");
    let day = time::macros::date!(2027 - 04 - 01);
    assert_eq!(law.rule_set_for(day, None), Ok("law-2027"));
    assert_eq!(Law::embedded().rule_set_for(day, None), Err(LawError::NoRuleSet(day)));
    let award = law
        .award_in("bang-khen-thu-tuong", "law-2027")
        .expect("an inherited award");
    assert!(
        award
            .criteria
            .iter()
            .any(|c| c.article.as_deref() == Some("1/2027/NĐ-CP Đ1"))
    );
    assert!(law.award_in("huan-chuong-moi", "law-2027").is_some());
    assert!(law.award_in("huan-chuong-moi", "law-2026").is_none());
    for set in Law::embedded().rule_sets() {
        assert_eq!(law.digest(&set.id), Law::embedded().digest(&set.id), "{}", set.id);
    }
    assert_eq!(law.digest("law-2027").len(), 64);
}

#[test]
fn a_malformed_file_is_named_with_the_place_in_it() {
    let reason = |rule_set: &str, awards: &str| {
        let dir = tempfile::tempdir().expect("a folder");
        next_year(dir.path(), rule_set, awards);
        Law::load(dir.path()).err().expect("an error").to_string()
    };
    let broken = AWARDS.replace("years = 1", "years = \"one\"");
    let told = reason(RULE_SET, &broken);
    assert!(told.starts_with("law-2027/awards.toml: criteria[0]"), "{told}");
    let circle = RULE_SET.replace("\"law-2026\"", "\"law-2027\"");
    let told = reason(&circle, AWARDS);
    assert!(told.contains("circle"), "{told}");
    let told = reason(&RULE_SET.replace("\"law-2026\"", "\"law-1999\""), AWARDS);
    assert!(told.contains("base law-1999 is no rule set"), "{told}");

    let dir = tempfile::tempdir().expect("a folder");
    next_year(dir.path(), RULE_SET, AWARDS);
    let limits = "[[limit]]\nstep = \"appraisal\"\ndays = 1\nunit = \"working\"\nconfirmed = true\n\n[[limit]]\nstep = \"nap\"\n";
    fs::write(dir.path().join("law-2027/limits.toml"), limits).expect("a file");
    let told = Law::load(dir.path()).err().expect("an error").to_string();
    assert!(
        told.starts_with("law-2027/limits.toml: [[limit]] number 2, step: "),
        "{told}"
    );
    fs::write(dir.path().join("award.toml"), "").expect("a file");
    let told = Law::load(dir.path()).err().expect("an error").to_string();
    assert!(told.starts_with("award.toml: not a file of the law"), "{told}");
}

#[test]
fn what_is_compiled_in_holds_together() {
    let errors: Vec<String> = Law::embedded()
        .lint()
        .into_iter()
        .filter(|finding| finding.severity == law::Severity::Error)
        .map(|finding| finding.to_string())
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn a_lawyer_sees_what_changed_between_two_rule_sets() {
    let law = Law::embedded();
    assert_eq!(law.diff("law-2022", law, "law-2022"), Ok(Vec::new()));
    let dir = tempfile::tempdir().expect("a folder");
    next_year(dir.path(), RULE_SET, AWARDS);
    let draft = Law::load(dir.path()).expect("files of the law");
    let changes = law.diff("law-2026", &draft, "law-2027").expect("rule sets");
    let of = |award: &str| -> Vec<&law::Change> {
        changes
            .iter()
            .filter(|change| change.awards.iter().any(|code| code == award))
            .collect()
    };
    let [added] = of("bang-khen-thu-tuong")[..] else {
        panic!("{changes:#?}")
    };
    assert_eq!((added.part.as_str(), added.kind), ("criteria", law::ChangeKind::Added));
    assert_eq!(added.place, "* · annual-rating");
    assert!(added.vi.contains("[1/2027/NĐ-CP Đ1]"), "{}", added.vi);
    let [new] = of("huan-chuong-moi")[..] else {
        panic!("{changes:#?}")
    };
    assert_eq!((new.part.as_str(), new.kind), ("award", law::ChangeKind::Added));
    assert!(
        changes
            .iter()
            .all(|change| !change.awards.is_empty() || change.part == "rule-set")
    );
    let back = draft.diff("law-2027", law, "law-2026").expect("rule sets");
    assert_eq!(
        back.len(),
        changes.len(),
        "what one way is added is removed the other way"
    );
}

/// Each slip of the pen in a draft, and the code that names it.
#[test]
fn lint_names_each_slip() {
    let layer = |entry: &str| format!("{AWARDS}\n{entry}\nconfirmed = true\n");
    let criterion = |rest: &str| {
        layer(&format!(
            "[[criteria]]\nof_award = \"bang-khen-thu-tuong\"\npath = \"merit\"\nrecipient = \"individual\"\n{rest}"
        ))
    };
    let awards: &[(&str, String)] = &[
        (
            "UNKNOWN_AWARD",
            criterion("type = \"prior-award\"\naward = \"giay-khen-xyz\""),
        ),
        ("UNKNOWN_TYPE", criterion("type = \"prior-awards\"")),
        ("NO_AWARD", criterion("type = \"title-count\"\nmin = 2")),
        (
            "NEVER_MET",
            criterion("type = \"years-of-service\"\nmin = 5\nbelow = 5"),
        ),
        (
            "REPLACES_NOTHING",
            criterion("type = \"flags\"\nreplaces = \"path\"").replace("\"merit\"", "\"nowhere\""),
        ),
        (
            "DROPS_NOTHING",
            layer("[[drop]]\nof_award = \"bang-khen-thu-tuong\"\npath = \"nowhere\""),
        ),
        ("BAD_CODE", AWARDS.replace("huan-chuong-moi", "Huân chương")),
        ("NO_NAME", AWARDS.replace("Huân chương mới", " ")),
        (
            "UNREACHABLE_AWARD",
            criterion("type = \"prior-award\"\naward = \"huan-chuong-moi\"").replace(
                "of_award = \"bang-khen-thu-tuong\"\npath = \"merit\"",
                "of_award = \"huan-chuong-moi\"\npath = \"*\"",
            ),
        ),
        (
            "UNREACHABLE_PATH",
            criterion("type = \"prior-award\"\naward = \"huan-chuong-moi\"")
                + "\n[[criteria]]\nof_award = \"huan-chuong-moi\"\npath = \"*\"\nrecipient = \"individual\"\n\
                   type = \"prior-award\"\naward = \"huan-chuong-moi\"\nconfirmed = true\n",
        ),
    ];
    let others = [
        (
            "OUT_OF_RANGE",
            "councils.toml",
            "[[vote]]\nawards = [\"huan-chuong-*\"]\npercent = 101\nballot = true\nconfirmed = true\n",
        ),
        (
            "MATCHES_NOTHING",
            "councils.toml",
            "[[vote]]\nawards = [\"huy-hieu-*\"]\npercent = 80\nballot = true\nconfirmed = true\n",
        ),
        (
            "UNKNOWN_FIELD",
            "councils.toml",
            "[[vote]]\nawards = []\npercent = 80\nballot = true\nconfirmed = true\nquorom = 3\n",
        ),
        (
            "UNKNOWN_DOCUMENT",
            "documents.toml",
            "[[dossier]]\nawards = []\nitems = [{ kind = \"don-xin\", confirmed = true }]\n",
        ),
    ];
    let dates = [
        (
            "GAP",
            "in_force_from = \"2027-03-01\"",
            "in_force_from = \"2027-03-02\"",
        ),
        (
            "OVERLAP",
            "in_force_from = \"2027-03-01\"",
            "in_force_from = \"2027-01-01\"",
        ),
        (
            "SAME_START",
            "in_force_from = \"2027-03-01\"",
            "in_force_from = \"2026-10-01\"",
        ),
        (
            "EMPTY_INTERVAL",
            "in_force_to = \"2028-01-01\"",
            "in_force_to = \"2027-03-01\"",
        ),
        ("UNKNOWN_LEVEL", "[\"xa\", \"tinh\"]", "[\"xa\", \"thon\"]"),
        ("NO_CALENDAR", "", ""),
    ];
    let draft = |rule_set: &str, awards: &str| {
        let dir = tempfile::tempdir().expect("a folder");
        next_year(dir.path(), rule_set, awards);
        dir
    };
    let named = |dir: &tempfile::TempDir| -> Vec<&'static str> {
        let law = Law::load(dir.path()).expect("files of the law");
        let mine = law
            .lint()
            .into_iter()
            .filter(|finding| !finding.file.contains('/') || finding.file.starts_with("law-2027/"));
        mine.map(|finding| finding.code).collect()
    };
    let clean = named(&draft(RULE_SET, AWARDS));
    for (code, text) in awards {
        assert!(!clean.contains(code), "{code} is there without the slip");
        let found = named(&draft(RULE_SET, text));
        assert!(found.contains(code), "{code} is not among {found:?}");
    }
    for (code, file, text) in others {
        let dir = draft(RULE_SET, AWARDS);
        fs::write(dir.path().join("law-2027").join(file), text).expect("a file");
        assert!(named(&dir).contains(&code), "{code}");
    }
    for (code, from, to) in dates {
        let found = named(&draft(&RULE_SET.replace(from, to), AWARDS));
        assert!(found.contains(&code), "{code} is not among {found:?}");
    }
}
