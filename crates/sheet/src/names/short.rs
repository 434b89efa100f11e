//! What offices write for short.

use crate::fold::fold;

/// What offices write for short, folded; the second half is a code, or the start of several where the short form does
/// not say which.
pub(super) const SHORT: &[(&str, &str)] = &[
    ("cstdtq", "chien-si-thi-dua-toan-quoc"),
    ("cstd toan quoc", "chien-si-thi-dua-toan-quoc"),
    ("cstdcs", "chien-si-thi-dua-co-so"),
    ("cstd co so", "chien-si-thi-dua-co-so"),
    ("cstd cap co so", "chien-si-thi-dua-co-so"),
    ("chien si thi dua cap co so", "chien-si-thi-dua-co-so"),
    ("cstd tinh", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd cap tinh", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd bo", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd cap bo", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("chien si thi dua cap tinh", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("chien si thi dua cap bo", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd bo ban nganh tinh", "chien-si-thi-dua-bo-ban-nganh-tinh"),
    ("cstd", "chien-si-thi-dua*"),
    ("chien si thi dua", "chien-si-thi-dua*"),
    ("ldtt", "lao-dong-tien-tien"),
    ("cstt", "chien-si-tien-tien"),
    ("ttldxs", "tap-the-lao-dong-xuat-sac"),
    ("tap the ldxs", "tap-the-lao-dong-xuat-sac"),
    ("ttldtt", "tap-the-lao-dong-tien-tien"),
    ("tap the ldtt", "tap-the-lao-dong-tien-tien"),
    ("dvqt", "don-vi-quyet-thang"),
    ("dvtt", "don-vi-tien-tien"),
    ("gdvh", "gia-dinh-van-hoa"),
    ("co thi dua chinh phu", "co-thi-dua-cua-chinh-phu"),
    ("co tdcp", "co-thi-dua-cua-chinh-phu"),
    ("co chinh phu", "co-thi-dua-cua-chinh-phu"),
    ("co thi dua cap tinh", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua cap bo", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua cua ubnd tinh", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua ubnd tinh", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua cua bo", "co-thi-dua-bo-ban-nganh-tinh"),
    ("co thi dua", "co-thi-dua*"),
    ("hcsv", "huan-chuong-sao-vang"),
    ("hchcm", "huan-chuong-ho-chi-minh"),
    ("hc sao vang", "huan-chuong-sao-vang"),
    ("hc ho chi minh", "huan-chuong-ho-chi-minh"),
    ("bang khen ttg", "bang-khen-thu-tuong"),
    ("bang khen ttcp", "bang-khen-thu-tuong"),
    ("bang khen thu tuong", "bang-khen-thu-tuong"),
    ("bang khen cua thu tuong", "bang-khen-thu-tuong"),
    ("bang khen thu tuong chinh phu", "bang-khen-thu-tuong"),
    ("bang khen chinh phu", "bang-khen*"),
    ("bang khen bo", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cap bo", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cua bo truong", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen bo truong", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cap tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen ct ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cua ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen chu tich ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen cua chu tich ubnd tinh", "bang-khen-bo-ban-nganh-tinh"),
    ("bang khen", "bang-khen*"),
    ("giay khen cap xa", "giay-khen-cap-xa"),
    ("giay khen cua chu tich ubnd xa", "giay-khen-cap-xa"),
    ("giay khen cua chu tich ubnd phuong", "giay-khen-cap-xa"),
    ("giay khen cap huyen", "giay-khen-cap-huyen"),
    ("giay khen cua chu tich ubnd huyen", "giay-khen-cap-huyen"),
    ("giay khen don vi", "giay-khen-don-vi"),
    ("giay khen cua don vi", "giay-khen-don-vi"),
    ("giay khen", "giay-khen*"),
    ("ahld", "anh-hung-lao-dong"),
    ("ahllvtnd", "anh-hung-luc-luong-vu-trang-nhan-dan"),
    ("bmvnah", "ba-me-viet-nam-anh-hung"),
    ("ngnd", "nha-giao-nhan-dan"),
    ("ngut", "nha-giao-uu-tu"),
    ("ttnd", "thay-thuoc-nhan-dan"),
    ("ttut", "thay-thuoc-uu-tu"),
    ("nsnd", "nghe-si-nhan-dan"),
    ("nsut", "nghe-si-uu-tu"),
    ("nnnd", "nghe-nhan-nhan-dan"),
    ("nnut", "nghe-nhan-uu-tu"),
    ("knc", "ky-niem-chuong"),
];

/// Short words within a name, folded, and what they stand for.
const WORDS: &[(&str, &str)] = &[
    ("sy", "si"),
    ("bk", "bang khen"),
    ("gk", "giay khen"),
    ("hcld", "huan chuong lao dong"),
    ("hcdl", "huan chuong doc lap"),
    ("hcqc", "huan chuong quan cong"),
    ("hccc", "huan chuong chien cong"),
    ("hcbvtq", "huan chuong bao ve to quoc"),
    ("hccsvv", "huy chuong chien si ve vang"),
];

/// Awards that have classes: the names before the class.
pub(super) const CLASSED: &[&str] = &[
    "huan chuong lao dong",
    "huan chuong doc lap",
    "huan chuong quan cong",
    "huan chuong chien cong",
    "huan chuong bao ve to quoc",
    "huy chuong chien si ve vang",
];

/// What stands before a name without being part of it.
const OPENINGS: &[&str] = &["danh hieu ", "tang thuong ", "tang ", "hinh thuc ", "de nghi "];

/// The name of an award as it is looked up: short words written out, classes in words.
pub(super) fn award_key(text: &str) -> String {
    let mut key = fold(text);
    while let Some(rest) = OPENINGS.iter().find_map(|opening| key.strip_prefix(opening)) {
        key = rest.to_owned();
    }
    let words = key.split(' ').map(|word| {
        WORDS
            .iter()
            .find(|(short, _)| *short == word)
            .map_or(word, |(_, meant)| *meant)
    });
    let key = words.collect::<Vec<_>>().join(" ");
    for start in CLASSED {
        let Some(rest) = key.strip_prefix(start).and_then(|rest| rest.strip_prefix(' ')) else {
            continue;
        };
        let class = match rest.strip_prefix("hang ").unwrap_or(rest) {
            "1" | "i" | "nhat" | "h1" => "nhat",
            "2" | "ii" | "nhi" | "h2" => "nhi",
            "3" | "iii" | "ba" | "h3" => "ba",
            _ => return key,
        };
        return format!("{start} hang {class}");
    }
    key
}

/// The name of an agency as it is looked up. An office writes "UBND tỉnh X", "tỉnh X" or the full name.
pub(super) fn agency_key(text: &str) -> String {
    let key = fold(text);
    let written_out: Vec<&str> = key
        .split(' ')
        .map(|word| match word {
            "ubnd" => "uy ban nhan dan",
            "tp" => "thanh pho",
            other => other,
        })
        .collect();
    let key = written_out.join(" ");
    key.strip_prefix("uy ban nhan dan ").map_or(key.clone(), str::to_owned)
}
