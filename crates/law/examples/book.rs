//! Writes the law book: `cargo run -p law --example book -- docs/law`. Pages that the law no longer has are removed.

use std::{fs, io, path::Path, process::ExitCode};

use law::{Lang, Law};

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("book: name the folder to write, as in `cargo run -p law --example book -- docs/law`");
        return ExitCode::FAILURE;
    };
    match write(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("book: {folder} cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> io::Result<()> {
    let law = Law::embedded();
    fs::create_dir_all(folder)?;
    fs::write(folder.join("README.md"), law.book_cover())?;
    for lang in Lang::ALL {
        let old = folder.join(lang.folder());
        if old.exists() {
            fs::remove_dir_all(&old)?;
        }
        fs::create_dir_all(old.join("awards"))?;
        for (path, text) in law.book(lang) {
            fs::write(folder.join(path), text)?;
        }
    }
    Ok(())
}
