//! The layer and the model, on programs that everybody knows.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use disk::{
    dice::Dice,
    log::Log,
    model::{Disk, Fate},
    rig::Rig,
};

struct World {
    folder: tempfile::TempDir,
    rig: Rig,
    before: Disk,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let watch = folder.path().join("disk");
        fs::create_dir(&watch).expect("a folder");
        fs::write(watch.join("old"), "old").expect("a file");
        let rig = Rig::new(&folder.path().join("rig"), &watch, None).expect("a rig");
        let before = Disk::of(&watch).expect("the disk");
        Self { folder, rig, before }
    }

    /// Runs a script in the watched folder, and tells what it said.
    fn script(&self, script: &str) -> String {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script])
            .current_dir(self.folder.path().join("disk"))
            .envs(self.rig.environment());
        let output = shell.output().expect("a shell");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// The power goes: what is on the disk.
    fn cut(self, fate: Fate) -> BTreeMap<PathBuf, String> {
        let mut disk = self.before;
        let (mut log, end) = (
            Log::open(&self.rig.log()).expect("the log"),
            self.rig.position().expect("its end"),
        );
        while let Some(event) = log.next(end).expect("a record") {
            disk.apply(event);
        }
        assert_eq!(disk.strange(), 0);
        let image = self.folder.path().join("image");
        disk.write_image(&image, fate, &mut Dice::new(7)).expect("the image");
        let mut found = BTreeMap::new();
        read(&image, Path::new(""), &mut found);
        found
    }
}

fn read(root: &Path, below: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(root.join(below)).expect("a folder") {
        let path = below.join(entry.expect("an entry").file_name());
        if root.join(&path).is_dir() {
            read(root, &path, found);
        } else {
            let text = fs::read_to_string(root.join(&path)).expect("a file");
            found.insert(path, text);
        }
    }
}

#[track_caller]
fn holds(found: &BTreeMap<PathBuf, String>, expected: &[(&str, &str)]) {
    let expected: BTreeMap<PathBuf, String> = expected
        .iter()
        .map(|(path, text)| (path.into(), (*text).to_owned()))
        .collect();
    assert_eq!(found, &expected);
}

#[test]
fn what_was_not_flushed_is_gone() {
    let world = World::new();
    assert_eq!(
        world.script("echo new > new; echo more >> old; cat new old"),
        "new\noldmore\n"
    );
    holds(&world.cut(Fate::Gone), &[("old", "old")]);
}

#[test]
fn what_was_flushed_is_there_with_its_name() {
    let world = World::new();
    world.script("echo one > new; sync new; echo two >> new; echo more >> old; sync old");
    holds(&world.cut(Fate::Gone), &[("new", "one\n"), ("old", "oldmore\n")]);
}

#[test]
fn if_only_processes_end_all_is_there() {
    let world = World::new();
    world.script("mkdir a; echo new > a/new; mv a b; ln b/new c; rm old; truncate -s 2 c");
    holds(&world.cut(Fate::Kept), &[("b/new", "ne"), ("c", "ne")]);
}

#[test]
fn a_rename_without_a_flush_is_no_rename() {
    let world = World::new();
    world.script("echo new > aside; sync aside; mv aside old");
    holds(&world.cut(Fate::Gone), &[("aside", "new\n"), ("old", "old")]);
}

#[test]
fn names_are_sure_once_their_folder_is_flushed() {
    let world = World::new();
    world.script("echo new > aside; mv aside old; sync .");
    // The name is the new file's, and nothing flushed what is in it.
    holds(&world.cut(Fate::Gone), &[("old", "")]);
    let world = World::new();
    world.script("rm old; sync .");
    holds(&world.cut(Fate::Gone), &[]);
    let world = World::new();
    world.script("rm old");
    holds(&world.cut(Fate::Gone), &[("old", "old")]);
}

#[test]
fn a_torn_write_is_torn_at_sectors() {
    let world = World::new();
    world.script("yes 0123456789abcde | head -c 51200 | dd of=old bs=51200 conv=notrunc iflag=fullblock");
    let found = world.cut(Fate::Sectors(50));
    let text = &found[Path::new("old")];
    let whole = "0123456789abcde\n".repeat(32);
    let sectors: Vec<&str> = (0..text.len() / 512).map(|n| &text[n * 512..][..512]).collect();
    let there = sectors.iter().filter(|sector| **sector == whole).count();
    let empty = sectors.iter().filter(|sector| sector.ends_with('\0')).count();
    assert!(
        there > 20 && empty > 20 && there + empty == sectors.len(),
        "{there} {empty}"
    );
}

#[test]
fn a_disk_that_lies_keeps_nothing() {
    let world = World::new();
    world.rig.lie().expect("a knob");
    world.script("echo new > new; sync new; sync .");
    holds(&world.cut(Fate::Gone), &[("old", "old")]);
}

#[test]
fn a_full_disk_takes_what_fits_until_it_is_well() {
    let world = World::new();
    world.rig.room(3).expect("a knob");
    let told = world.script("dd if=/dev/zero of=new bs=10 count=1");
    assert!(told.contains("No space left"), "{told}");
    assert!(world.rig.injected().expect("a number") > 0);
    // What lies there already may be written over.
    let told = world.script("printf abc | dd of=old conv=notrunc");
    assert!(!told.contains("No space left"), "{told}");
    world.rig.heal().expect("a knob");
    world.script("echo much more >> old; sync old");
    holds(&world.cut(Fate::Gone), &[("old", "abcmuch more\n")]);
}

#[test]
fn what_a_failed_flush_was_for_never_comes() {
    let world = World::new();
    world.rig.fail_flushes(1, 1).expect("a knob");
    let told = world.script("printf abc | dd of=old conv=notrunc,fsync");
    assert!(told.contains("put/output error"), "{told}");
    assert_eq!(world.script("sync old; cat old"), "abc");
    holds(&world.cut(Fate::Gone), &[("old", "old")]);
}

#[test]
fn the_write_that_was_chosen_fails() {
    let world = World::new();
    world.rig.fail_writes(3, 1).expect("a knob");
    let told = world.script("dd if=/dev/zero of=old bs=1 count=5");
    assert!(told.contains("2+0 records out"), "{told}");
}

/// Whole files, read while somebody writes, are what the log says they are: nothing is half told.
#[test]
fn who_is_killed_is_killed_between_two_records() {
    for round in 0..20 {
        let world = World::new();
        let mut writer = Command::new("dd")
            .args(["if=/dev/urandom", "of=old", "bs=1M", "count=2000"])
            .current_dir(world.folder.path().join("disk"))
            .envs(world.rig.environment())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("a writer");
        // Some bytes of a record, and later in each round.
        while world.rig.position().expect("a length") < 1 + round * 500_000 {
            assert!(writer.try_wait().expect("a writer").is_none(), "it ended too early");
        }
        world.rig.hold().expect("nothing is under way");
        writer.kill().expect("SIGKILL");
        writer.wait().expect("its end");
        assert_eq!(world.rig.under_way().expect("a number"), 0);
        let path = world.folder.path().join("disk/old");
        let there = fs::read(&path).expect("the file");
        let mut log = Log::open(&world.rig.log()).expect("the log");
        let (end, mut disk) = (world.rig.position().expect("its end"), world.before);
        while let Some(event) = log.next(end).expect("a record") {
            disk.apply(event);
        }
        let image = world.folder.path().join("image");
        disk.write_image(&image, Fate::Kept, &mut Dice::new(7))
            .expect("the image");
        let told = fs::read(image.join("old")).expect("the file");
        assert!(
            there == told,
            "{} bytes are there, {} were told",
            there.len(),
            told.len()
        );
    }
}
