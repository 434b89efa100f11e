//! The readers, each with what must hold whatever it reads.

use std::{path::Path, sync::LazyLock};

use access::{Issuer, Principal, Role, Verifier};
use host::paging::Page;
use law::{Agencies, DossierFile, Law, LocalAward};
use prost::Message;
use sheet::{Common, Reader};
use time::{Date, macros::date};
use vinhdanh::Scenario;

/// A reader under test.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name: of the corpus' folder, too.
    pub name: &'static str,
    /// Reads; panics if something does not hold.
    pub run: fn(&[u8]),
    /// How many mutations an ordinary test run tries.
    pub usual: usize,
}

macro_rules! targets {
    ($($name:ident: $usual:literal,)*) => {
        /// All of them.
        pub const ALL: &[Target] = &[$(Target { name: stringify!($name), run: $name, usual: $usual }),*];
    };
}

targets! {
    message: 60_000,
    envelope: 40_000,
    token: 40_000,
    page: 40_000,
    packed: 60_000,
    dossier: 9_000,
    local_award: 4_000,
    directory: 4_000,
    bundle: 150,
    rules: 50,
    scenario: 4_000,
    list: 400,
    webhook: 120,
    mail: 400,
    address: 30_000,
}

/// The day that stands for today.
const TODAY: Date = date!(2025 - 09 - 15);

static AGENCIES: LazyLock<Agencies> = LazyLock::new(Agencies::embedded);

/// The messages by name, each with what reads it.
type Messages = &'static [(&'static str, fn(&[u8]))];

/// All messages of all services.
pub const MESSAGES: Messages = include!(concat!(env!("OUT_DIR"), "/messages.rs"));

fn round_trip<M: Message + Default + PartialEq>(data: &[u8]) {
    let Ok(read) = M::decode(data) else { return };
    let written = read.encode_to_vec();
    assert_eq!(written.len(), read.encoded_len());
    assert!(M::decode(written.as_slice()).is_ok_and(|again| again == read));
}

/// A message of any service: two bytes say which, the rest is read.
pub fn message(data: &[u8]) {
    if let [low, high, data @ ..] = data {
        let at = usize::from(u16::from_le_bytes([*low, *high])) % MESSAGES.len();
        (MESSAGES[at].1)(data);
    }
}

/// An event's headers, one `name: value` a line, as the bus carries them; the last line's traceparent joins a trace.
pub fn envelope(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut headers = async_nats::HeaderMap::new();
    for line in text.lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        let (Ok(name), Ok(value)) = (
            name.parse::<async_nats::HeaderName>(),
            value.parse::<async_nats::HeaderValue>(),
        ) else {
            continue;
        };
        headers.insert(name, value);
    }
    let Ok(read) = bus::nats::headers::decode(Some(&headers), Vec::new()) else {
        return;
    };
    let span = telemetry::consume_span("fuzz", &read.producer, &read.event_type, &read.traceparent);
    drop(span);
    assert!(
        !read.subject().contains([' ', '*', '>', '\r', '\n']),
        "{}",
        read.subject()
    );
    if let Ok(written) = bus::nats::headers::encode(&read) {
        assert_eq!(bus::nats::headers::decode(Some(&written), Vec::new()), Ok(read));
    }
}

/// The bearer of [`TOKEN`].
static BEARER: LazyLock<Principal> = LazyLock::new(|| Principal {
    subject: "fuzz@phuong-hoan-kiem".to_owned(),
    role: Role::Clerk,
    agency: "phuong-hoan-kiem".to_owned(),
    person: None,
});

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| Issuer::generate("fuzz", "vinhdanh", [7; 32]));

static VERIFIER: LazyLock<Verifier> =
    LazyLock::new(|| Verifier::new("fuzz", "vinhdanh", vec![ISSUER.public_key()]).expect("its own key"));

/// A token that is right; nothing else is.
pub static TOKEN: LazyLock<String> = LazyLock::new(|| ISSUER.sign(&BEARER, NOW_S, 3_600));

const NOW_S: i64 = 1_757_898_000;

/// A column of the journal as it is stored.
pub fn packed(data: &[u8]) {
    if let Ok(read) = journal::packed::unpack(data) {
        assert_eq!(journal::packed::unpack(&journal::packed::pack(&read)), Ok(read));
    }
    if let Ok((text, bytes)) = journal::packed::unpack_pair(data) {
        let again = journal::packed::unpack_pair(&journal::packed::pack_pair(&text, &bytes));
        assert_eq!(again, Ok((text, bytes)));
    }
    if let Ok(id) = journal::compact::text(data) {
        assert_eq!(journal::compact::text(&journal::compact::id(&id)), Ok(id));
    }
}

/// The value of an `authorization` header. No token that we did not sign says who someone is.
pub fn token(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(token) = access::bearer(Some(&text))
        && let Ok(principal) = VERIFIER.verify(token, NOW_S)
    {
        assert_eq!((token, &principal), (TOKEN.as_str(), &*BEARER));
    }
}

/// A page's token.
pub fn page(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(page) = Page::read(2, &text, "fuzz") {
        let mut rows = vec![page.after.clone(); 3];
        let next = page.cut(&mut rows, Clone::clone);
        assert_eq!(Page::read(2, &next, "fuzz").expect("our own token").after, page.after);
    }
    // Any key comes back out of the token that was made of it.
    let first = Page::read(1, "", "fuzz").expect("the first page");
    let next = first.cut(&mut vec![text.clone(), text.clone()], ToString::to_string);
    assert_eq!(Page::read(1, &next, "fuzz").expect("our own token").after, text);
}

/// A dossier file: read, validated, judged, routed. What was read and written again reads the same.
pub fn dossier(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let law = Law::embedded();
    match DossierFile::parse(text) {
        Err(problems) => assert!(!problems.is_empty()),
        Ok(file) => {
            let written = serde_json::to_string(&file).expect("a dossier has a JSON form");
            assert_eq!(DossierFile::parse(&written).as_ref(), Ok(&file));
            let problems = law.validate(&file, &AGENCIES, TODAY);
            let judged = law.check(&file, &AGENCIES, Some(TODAY));
            assert_eq!(judged, law.check(&file, &AGENCIES, Some(TODAY)), "judged twice");
            if problems.is_empty() {
                let _ = law.route(&file, &AGENCIES, TODAY);
            }
            let _ = AGENCIES.extract_for(&file);
        }
    }
}

/// An agency's own award, as TOML or JSON.
pub fn local_award(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let read: Option<LocalAward> = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).ok()
    } else {
        toml::from_str(text).ok()
    };
    let Some(award) = read else { return };
    let problems = award.problems(Law::embedded());
    let written = serde_json::to_string(&award).expect("an award has a JSON form");
    let again: LocalAward = serde_json::from_str(&written).expect("it was written so");
    assert_eq!(again, award);
    if problems.is_empty() {
        let mut agencies = AGENCIES.clone();
        let code = award.code.clone();
        agencies.insert_local_award(award);
        let _ = agencies.local_award(&code, TODAY);
    }
}

/// The part of a directory that is kept beside a verdict.
pub fn directory(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(read) = Agencies::from_canonical(text) {
        let written = read.canonical();
        let again = Agencies::from_canonical(&written).expect("it was written so");
        assert_eq!(again.canonical(), written);
        for agency in read.iter() {
            let _ = read.chain_on(&agency.code, TODAY);
            let _ = read.acting_on(&agency.code, TODAY);
        }
    }
}

/// Rule sets in one file, as they are kept beside a verdict.
pub fn bundle(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(law) = Law::from_bundle(text) {
        let _ = law.lint();
        for set in law.rule_sets() {
            let bundle = law.bundle(&set.id).expect("a rule set of its own");
            assert!(Law::from_bundle(&bundle).is_ok(), "what we wrote we read: {}", set.id);
        }
    }
}

/// A folder of rule files, laid over those that are compiled in: one file, its path in the first line.
pub fn rules(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Some((path, content)) = text.split_once('\n') else {
        return;
    };
    let plain = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
    };
    let parts: Vec<&str> = path.split('/').collect();
    if parts.len() > 2
        || parts
            .iter()
            .any(|part| part.is_empty() || part.starts_with('.') || !plain(part))
    {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(path);
    std::fs::create_dir_all(file.parent().expect("a folder above")).expect("a folder");
    std::fs::write(&file, content).expect("a file");
    if let Ok(law) = Law::load(folder.path()) {
        let _ = law.lint();
    }
}

/// A scenario file.
pub fn scenario(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Err(error) = Scenario::parse(Path::new("fuzz.yaml"), text) {
        assert!(error.to_string().starts_with("fuzz.yaml: "), "{error}");
    }
}

/// A list of nominees, as XLSX or CSV.
pub fn list(data: &[u8]) {
    let reader = Reader::new(Law::embedded(), &AGENCIES, TODAY);
    let read = reader.read("fuzz", data, &Common::default(), None, &mut |_| {});
    if let Ok(list) = read {
        let held = [list];
        let _ = sheet::compare(&held, Law::embedded());
        let _ = sheet::Report::new(&held, Law::embedded(), false);
    }
}

/// What a webhook's receiver answers.
pub fn webhook(data: &[u8]) {
    told(data, false, |address| async move {
        notification::probe::webhook(&format!("http://{address}/hook")).await
    });
}

/// What a mail server says.
pub fn mail(data: &[u8]) {
    told(data, true, |address| async move {
        notification::probe::mail(&format!("smtp://{address}")).await
    });
}

/// Calls a server that says `data` whatever it hears, and hangs up; of SMTP's two, the server speaks first.
fn told<F: Future<Output = String>>(data: &[u8], speaks_first: bool, call: impl FnOnce(std::net::SocketAddr) -> F) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().expect("a runtime")
    });
    let outcome = RUNTIME.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let speaks = async {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let mut heard = [0; 512];
            if !speaks_first {
                let _ = stream.read(&mut heard).await;
            }
            let _ = stream.write_all(data).await;
            let _ = stream.shutdown().await;
            while stream.read(&mut heard).await.is_ok_and(|read| read > 0) {}
        };
        let (outcome, ()) = tokio::join!(call(address), speaks);
        outcome
    });
    assert!(!outcome.is_empty());
}

/// An endpoint or an address of a subscriber.
pub fn address(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    notification::probe::addresses(text);
}
