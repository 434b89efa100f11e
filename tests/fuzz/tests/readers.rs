//! No reader breaks on what strangers write. Each test is one target of `fuzz::targets`, over its seeds, its kept
//! corpus, and mutations that a fixed seed decides.

use fuzz::{run::run, targets};

fn fuzzed(name: &str) {
    let target = targets::ALL
        .iter()
        .find(|target| target.name == name)
        .expect("a target");
    run(*target, target.usual, 20_251_122);
}

macro_rules! readers {
    ($($name:ident,)*) => {
        $(#[test] fn $name() { fuzzed(stringify!($name)); })*

        #[test]
        fn all_targets_are_run() {
            let names: Vec<_> = targets::ALL.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

readers! {
    message, envelope, token, page, packed, dossier, local_award, directory, bundle, rules, scenario, list, webhook, mail, address,
}

#[test]
fn all_messages_of_the_services_are_read() {
    let shapes = fuzz::wire::Shapes::compiled();
    let read: std::collections::BTreeSet<_> = targets::MESSAGES.iter().map(|(name, _)| *name).collect();
    let top = |name: &&str| name.split('.').count() == 4 && name.starts_with("vinhdanh.");
    let missing: Vec<_> = shapes
        .messages()
        .filter(top)
        .filter(|name| !read.contains(name))
        .collect();
    assert!(missing.is_empty(), "not read: {missing:?}");
    assert!(read.len() > 150, "{}", read.len());
}
