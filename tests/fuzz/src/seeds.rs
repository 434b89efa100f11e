//! What is right, to start from.

use std::path::{Path, PathBuf};

use law::Law;

use crate::{
    random::Random,
    targets::{MESSAGES, TOKEN},
    wire::Shapes,
};

/// Larger files of the repository are no seeds: mutations of them spend their time in what is right.
const SEED_BYTES_MAX: u64 = 48 << 10;

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder with these endings, in the order of their names.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.metadata()
                .is_ok_and(|file| file.is_file() && file.len() <= SEED_BYTES_MAX)
        })
        .filter(|path| {
            let name = path.to_string_lossy();
            endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending))
        })
        .collect();
    files.sort();
    files
}

fn contents(folder: &str, endings: &[&str]) -> Vec<Vec<u8>> {
    let files = files(&here().join(folder), endings);
    assert!(!files.is_empty(), "no {endings:?} in {folder}");
    let read = |file: &PathBuf| std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    files.iter().map(read).collect()
}

/// The same once more as JSON.
fn with_documents(mut seeds: Vec<Vec<u8>>, read: impl Fn(&str) -> Option<serde_json::Value>) -> Vec<Vec<u8>> {
    let documents: Vec<_> = seeds
        .iter()
        .filter_map(|seed| read(str::from_utf8(seed).ok()?))
        .collect();
    assert_eq!(documents.len(), seeds.len(), "a seed is right");
    seeds.extend(documents.iter().map(|document| document.to_string().into_bytes()));
    seeds
}

/// The kept corpus of a target: what once broke it or led somewhere new.
pub fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = here().join("corpus").join(target);
    let read = |file: &PathBuf| std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    files(&folder, &[]).iter().map(read).collect()
}

/// Everything to start from for a target.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = match target {
        "message" => messages(),
        "envelope" => vec![ENVELOPE.to_vec()],
        "token" => vec![format!("Bearer {}", *TOKEN).into_bytes(), b"Bearer".to_vec()],
        "page" => vec![b"6e1c5d3a9f02.61".to_vec(), page().into_bytes()],
        "packed" => dossiers().iter().map(|text| journal::packed::pack(text)).collect(),
        "dossier" => dossiers(),
        "local_award" => with_documents(contents("../local", &[".toml"]), |text| toml::from_str(text).ok()),
        "directory" => directories(),
        "bundle" => bundles(),
        "rules" => rules(),
        // JSON is YAML, too.
        "scenario" => with_documents(contents("../scenarios", &[".yaml"]), |text| {
            serde_yaml_ng::from_str(text).ok()
        }),
        "list" => lists(),
        "webhook" => HTTP.iter().map(|text| text.as_bytes().to_vec()).collect(),
        "mail" => SMTP.iter().map(|text| text.as_bytes().to_vec()).collect(),
        "address" => ADDRESSES.iter().map(|text| text.as_bytes().to_vec()).collect(),
        other => panic!("no seeds for {other}"),
    };
    seeds.extend(corpus(target));
    seeds
}

/// One of each message, and several of what people send.
fn messages() -> Vec<Vec<u8>> {
    let shapes = Shapes::compiled();
    let mut random = Random::new(1);
    let words = ["2025-09-15", "phuong-hoan-kiem", "clerk"].map(str::to_owned);
    (0u16..)
        .zip(MESSAGES)
        .flat_map(|(at, (name, _))| {
            let times = if name.ends_with("Request") || name.ends_with(".Event") {
                3
            } else {
                1
            };
            (0..times)
                .map(|_| [at.to_le_bytes().to_vec(), shapes.any(&mut random, name, &words)].concat())
                .collect::<Vec<_>>()
        })
        .collect()
}

const ENVELOPE: &[u8] = b"ce-specversion: 1.0\nce-id: 0198-a\nce-source: /vinhdanh/intake\n\
    ce-type: vinhdanh.intake.v1.dossier.submitted\nce-subject: dossier/7\nce-time: 2025-10-09T08:53:20.123456Z\n\
    ce-sequence: 00000000000000000003\nce-position: 41\nce-agency: ubnd-hue%20\n\
    traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n";

fn page() -> String {
    let page = host::paging::Page::read(1, "", "fuzz").expect("the first page");
    page.cut(&mut vec!["a", "b"], ToString::to_string)
}

fn dossiers() -> Vec<Vec<u8>> {
    let all = files(&here().join("../samples"), &[".json"]);
    all.iter()
        .filter(|file| !file.to_string_lossy().ends_with(".expect.json"))
        .map(|file| std::fs::read(file).expect("a sample"))
        .collect()
}

fn directories() -> Vec<Vec<u8>> {
    let all = law::Agencies::embedded();
    ["phuong-hoan-kiem", "so-noi-vu-hung-yen", "bo-ngoai-giao"]
        .map(|code| all.extract([code], []).canonical().into_bytes())
        .to_vec()
}

fn bundles() -> Vec<Vec<u8>> {
    let law = Law::embedded();
    law.rule_sets()
        .iter()
        .filter_map(|set| law.bundle(&set.id))
        .map(String::into_bytes)
        .collect()
}

fn rules() -> Vec<Vec<u8>> {
    let law = Law::embedded();
    law.written()
        .map(|(path, text)| format!("{path}\n{text}").into_bytes())
        .collect()
}

fn lists() -> Vec<Vec<u8>> {
    let mut seeds = contents("../lists", &[".xlsx", ".csv"]);
    let law = Law::embedded();
    for set in law.rule_sets() {
        seeds.extend(sheet::template(law, "chien-si-thi-dua-co-so", &set.id, 2025).ok());
    }
    // A list as text, small enough that a mutation hits something.
    seeds.push(LIST.as_bytes().to_vec());
    seeds
}

const LIST: &str = "TỜ TRÌNH SỐ 12/TTr-UBND\nSTT;Họ và tên;Ngày sinh;Chức vụ;Danh hiệu đề nghị;Kết quả 2024;Số định danh\n\
    1;Nguyễn Văn A;01/02/1980;Chuyên viên;Lao động tiên tiến;HTTNV;001080000001\n2;Trần Thị B;1979;;LĐTT;HTXSNV;\nTổng;2\n";

const HTTP: &[&str] = &[
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "HTTP/1.1 503 Service Unavailable\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n",
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: Fri, 31 Dec 2027 23:59:59 GMT\r\n\r\n",
    "HTTP/1.1 410 Gone\r\n\r\n",
    "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\n",
];

const SMTP: &[&str] = &[
    "220 mail.example.vn\r\n250-mail.example.vn\r\n250 8BITMIME\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n221 bye\r\n",
    "220 mail.example.vn\r\n250 ok\r\n250 ok\r\n550 no such mailbox\r\n221 bye\r\n",
    "220-mail\r\n220 mail\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n451 later\r\n",
    "554 no\r\n",
    "421 too busy\r\n",
];

const ADDRESSES: &[&str] = &[
    "https://example.vn:8443/hook?a=1",
    "https://[2606:4700::1111]/x",
    "http://127.0.0.1:9/",
    "van-phong@example.vn",
    "a.b+c_d@mail.so-noi-vu.example.gov.vn",
];
