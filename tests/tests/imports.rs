//! A list of nominees on its way into running services: nothing is sent that is not good, nothing is sent twice.

use std::{path::Path, process::Command};

use access::{Principal, Role};
use proto::intake::v1::{Dossier, ListDossiersRequest, Status};
use serde_json::Value;
use tests::{acting, embedded, here, program};
use vinhdanh::installation::Installation;

const HEADER: &str = "STT;Họ và tên;CCCD;Năm xét;Danh hiệu đề nghị;Xếp loại 2024;Báo cáo thành tích";
const ONE: &str = "1;Mẫu Một;999000000001;2024;LĐTT;HTT;x";
const TWO: &str = "2;Mẫu Hai;999000000002;2024;LĐTT;HTT;x";
const THREE: &str = "3;Mẫu Ba;999000000003;2024;LĐTT;HTT;x";

fn list(folder: &Path, rows: &[&str]) {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    std::fs::write(folder.join("list.csv"), text).expect("a list");
}

/// `vinhdanh import list.csv --json …` as a clerk; the exit status and what it says.
async fn import(installation: &Installation, folder: &Path, more: &[&str]) -> (i32, Value) {
    let clerk = Principal {
        subject: "clerk@so-noi-vu-hung-yen".to_owned(),
        role: Role::Clerk,
        agency: "so-noi-vu-hung-yen".to_owned(),
        person: None,
    };
    let mut command = Command::new(program());
    command
        .args([
            "import",
            "list.csv",
            "--json",
            "--letter-date",
            "2025-09-15",
            "--letter",
            "12/TTr-SNV",
        ])
        .args([
            "--submitter",
            "so-noi-vu-hung-yen",
            "--server",
            &installation.servers().addresses().join(","),
        ])
        .args(["--token", &installation.token(&clerk)])
        .args(more)
        .current_dir(folder);
    let done = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("it ends")
        .expect("it runs");
    let told = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&done.stderr)));
    (done.status.code().unwrap_or_default(), told)
}

async fn dossiers(installation: &Installation) -> Vec<Dossier> {
    let clerk = acting(installation, "clerk@so-noi-vu-hung-yen");
    let answer = clerk.intake().list_dossiers(ListDossiersRequest::default()).await;
    answer.expect("a list").into_inner().dossiers
}

fn ids(told: &Value) -> Vec<&str> {
    let rows = told["rows"].as_array().expect("rows");
    rows.iter()
        .filter_map(|row| row["sent"]["submitted"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_sent_twice_makes_each_dossier_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let installation = embedded(&folder.path().join("data")).await;
    list(folder.path(), &[ONE, TWO]);
    let (status, dry) = import(&installation, folder.path(), &[]).await;
    assert_eq!((status, &dry["totals"]["good"]), (0, &Value::from(2)), "{dry:#}");
    assert!(dossiers(&installation).await.is_empty(), "a dry run sends nothing");

    let (status, first) = import(&installation, folder.path(), &["--submit"]).await;
    assert_eq!((status, &first["totals"]["sent"]), (0, &Value::from(2)), "{first:#}");
    let (status, second) = import(&installation, folder.path(), &["--submit"]).await;
    assert_eq!((status, ids(&second)), (0, ids(&first)), "{second:#}");
    // A row that is added later comes in alone.
    list(folder.path(), &[THREE, ONE, TWO]);
    let (status, third) = import(&installation, folder.path(), &["--submit"]).await;
    assert_eq!((status, &third["totals"]["sent"]), (0, &Value::from(3)), "{third:#}");
    let all = dossiers(&installation).await;
    assert_eq!(all.len(), 3);
    assert!(
        all.iter().all(|dossier| dossier.letter_number == "12/TTr-SNV"),
        "{all:?}"
    );
    assert!(
        all.iter().all(|dossier| dossier.status() != Status::Drafting),
        "{all:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_row_holds_the_list_back_until_the_good_ones_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let installation = embedded(&folder.path().join("data")).await;
    list(folder.path(), &[ONE, "2;Mẫu Hai;999000000002;2024;LĐTT;Z;x"]);
    let (status, told) = import(&installation, folder.path(), &["--submit"]).await;
    assert_eq!(status, 1);
    assert_eq!(told["rows"][1]["errors"][0]["at"], "F3", "{told:#}");
    assert!(dossiers(&installation).await.is_empty(), "nothing was sent");
    let (status, told) = import(&installation, folder.path(), &["--submit", "--only-good"]).await;
    assert_eq!((status, &told["totals"]["sent"]), (1, &Value::from(1)), "{told:#}");
    assert_eq!(dossiers(&installation).await.len(), 1);
}

#[test]
fn the_shipped_lists_are_judged_without_a_server() {
    let lists = here().join("lists");
    for (name, status) in [
        ("hai-nghin-ca-nhan.xlsx", 0),
        ("hai-nghin-tap-the.csv", 0),
        ("loi-va-trung.xlsx", 1),
    ] {
        let report = tempfile::Builder::new().suffix(".json").tempfile().expect("a file");
        let done = Command::new(program())
            .args(["import", name, "--also-not-eligible", "--json", "--report"])
            .arg(report.path())
            .current_dir(&lists)
            .output()
            .expect("it runs");
        assert_eq!(
            done.status.code(),
            Some(status),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        let told: Value = serde_json::from_slice(&done.stdout).expect("JSON");
        let written: Value = serde_json::from_slice(&std::fs::read(report.path()).expect("a report")).expect("JSON");
        assert_eq!(told, written);
        let rows = if status == 0 { 2_000 } else { 17 };
        assert_eq!(told["totals"]["rows"], rows, "{name}");
        assert_eq!(told["rows"].as_array().map(Vec::len), Some(rows), "{name}");
    }
}

#[test]
fn a_form_goes_to_stdout_and_a_file_that_is_no_list_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let form = Command::new(program())
        .args(["law", "template", "lao-dong-tien-tien", "--on", "2025-09-15"])
        .output()
        .expect("it runs");
    assert!(form.status.success() && form.stdout.starts_with(b"PK"), "{form:?}");
    let file = folder.path().join("form.xlsx");
    std::fs::write(&file, &form.stdout).expect("a file");
    let done = Command::new(program())
        .arg("import")
        .arg(&file)
        .arg("--json")
        .output()
        .expect("it runs");
    assert_eq!(done.status.code(), Some(2), "an empty form is no list");
    let told: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(told["error"]["reason"], "NO_ROWS");
}
