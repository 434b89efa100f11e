//! The committed law book is what the data says now, and its links lead somewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use law::{Lang, Law};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/law")
}

fn pages() -> BTreeMap<String, String> {
    let law = Law::embedded();
    let cover = ("README.md".to_owned(), law.book_cover());
    let pages = Lang::ALL.into_iter().flat_map(|lang| law.book(lang));
    pages.chain([cover]).collect()
}

fn committed(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("docs/law; run `cargo xtask gen`") {
        let entry = entry.expect("an entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            committed(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name);
        }
    }
}

#[test]
fn the_committed_book_is_what_the_data_says() {
    let pages = pages();
    let mut found = BTreeSet::new();
    committed(&folder(), "", &mut found);
    let expected: BTreeSet<String> = pages.keys().cloned().collect();
    assert_eq!(found, expected, "the pages of docs/law; run `cargo xtask gen`");
    for (path, text) in &pages {
        let there = fs::read_to_string(folder().join(path)).expect("a page");
        assert!(
            there == *text,
            "docs/law/{path} is not what the data says; run `cargo xtask gen`"
        );
    }
}

#[test]
fn every_link_leads_to_a_page() {
    let pages = pages();
    for (path, text) in &pages {
        let here = Path::new(path).parent().unwrap_or(Path::new(""));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let mut target: Vec<&str> = here.iter().filter_map(|part| part.to_str()).collect();
            if file.is_empty() {
                target = path.split('/').collect();
            }
            for part in file.split('/').filter(|part| !part.is_empty()) {
                if part == ".." {
                    target.pop();
                } else {
                    target.push(part);
                }
            }
            let target = target.join("/");
            if target == "rules.md" {
                continue;
            }
            let page = pages.get(&target).unwrap_or_else(|| panic!("{path} links to {link}"));
            let anchored = anchor.is_empty() || page.contains(&format!("<a id=\"{anchor}\">"));
            assert!(anchored, "{path} links to {link}");
        }
    }
}

#[test]
fn every_award_of_every_rule_set_has_a_page_in_both_languages() {
    let (law, pages) = (Law::embedded(), pages());
    for set in law.rule_sets() {
        for award in law.awards(&set.id) {
            for lang in Lang::ALL {
                let path = format!("{}/awards/{}.md", lang.folder(), award.code);
                let page = pages.get(&path).unwrap_or_else(|| panic!("{path}"));
                assert!(page.contains(&set.id), "{path} says nothing of {}", set.id);
            }
        }
    }
}

#[test]
fn what_is_unconfirmed_says_so_and_what_is_borrowed_shows_no_article() {
    let pages = pages();
    let vi = &pages["vi/awards/huan-chuong-lao-dong-hang-nhat.md"];
    let en = &pages["en/awards/huan-chuong-lao-dong-hang-nhat.md"];
    assert!(vi.contains("*(chưa xác nhận)*") && !vi.contains("(unconfirmed)"));
    assert!(en.contains("*(unconfirmed)*") && !en.contains("(chưa xác nhận)"));
    let (_, borrowed) = en.split_once("### `law-2003`").expect("a section");
    let borrowed = borrowed.split("\n## ").next().expect("its text");
    assert!(borrowed.contains("Borrowed from `law-2022`") && !borrowed.contains("06/2022/QH15"));
}

#[test]
fn prior_awards_lead_to_their_pages_and_sums_stand_at_each_base_salary() {
    let pages = pages();
    let page = &pages["vi/awards/chien-si-thi-dua-toan-quoc.md"];
    assert!(page.contains("[Chiến sĩ thi đua Bộ, ban, ngành, tỉnh](chien-si-thi-dua-bo-ban-nganh-tinh.md)"));
    assert!(page.contains("| 4,5 | 6.710.000 | 8.100.000 | 10.530.000 | 11.390.000 |"));
    assert!(page.contains("từ 90% tổng số thành viên [152/2025/NĐ-CP Đ33 k5]"));
}
