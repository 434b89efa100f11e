//! Temporary.
#[expect(dead_code, reason = "t")]
mod constructed;
use law::{Agencies, Law};
use sheet::{Common, List, Reader, Report, template};
use time::macros::date;
#[test]
fn dump() {
    let agencies = Agencies::embedded();
    let reader = Reader::new(Law::embedded(), &agencies, date!(2026 - 11 - 22));
    let lists: Vec<List> = constructed::all().into_iter().map(|(n, c)| {
        let mut l = reader.read("list", &c, &Common::default(), None, &mut |_| {}).expect(n);
        n.clone_into(&mut l.file);
        l
    }).collect();
    let mut out = String::new();
    for l in &lists { for r in &l.rows { out += &format!("{r:?}\n"); } out += &format!("{:?} {:?} {:?}\n", l.flaws, l.skipped, l.unread); }
    out += &serde_json::to_string_pretty(&Report::new(&lists, Law::embedded(), true)).expect("json");
    let head = "STT\tHọ và tên\tCCCD\tGiới tính\tNgày sinh\tDanh hiệu đề nghị\tTừ ngày\tĐến ngày\tDanh hiệu đã đạt\tXếp loại\tXếp loại 2023\tSáng kiến\tĐề tài\tKỷ luật\tThanh tra [declared]\tx [movement]\tSố người đạt LĐTT\tQuốc tịch\tGiai đoạn\tGiấy tờ\tTờ trình số\tNgày tờ trình\tChức vụ đã giữ\tĐang xem xét, xác minh\tPhong trào do ai phát động\tLao động trực tiếp\tSo nguoi dat CSTDCS\tĐơn vị trình\n";
    let cells = ["x","2023","2020-2024","HTT","2023: HTXS; 2024: HTT, 2022: HT","nữ","Nam","05/01/2024","Khiển trách 01/02/2023 (hết 01/02/2024)","Thanh tra từ 01/02/2025 đến 01/03/2025","giam-doc-so từ 01/01/2015 đến 31/12/2020","CSTĐCS 2023 (QĐ 12/QĐ-UBND ngày 05/01/2024); LĐTT 2021, 2022","BK TTg giai đoạn 2015-2019 (119/QĐ-TTg ngày 20/12/2020)","Số hóa (2023, cấp cơ sở, QĐ 12/QĐ-SNV của UBND tỉnh Hưng Yên)","Đề tài: a (2024, cấp tỉnh)","Việt Nam","US, VN","LĐTT","CSTĐCS","so-noi-vu-hung-yen","12/TTr","bao-cao-thanh-tich; y-kien-cap-uy (3/TB ngày 05/01/2025)","✓","0","không","5","mai","","","","01/01/2020","31/12/2024","Mẫu Văn"];
    let mut seed: u64 = 7;
    for shift in 0..3 {
        let mut text = head.to_owned();
        for _ in 0..1500 {
            let row: Vec<&str> = (0..28).map(|c| { seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407); let k = (seed >> 33) as usize;
                if c == 1 { return "Mẫu"; }
                if shift == 2 && k % 4 != 0 { return match c { 5 => "LĐTT", 6 => "01/01/2024", 7 => "31/12/2024", 20 => "1/TTr", 21 => "05/01/2025", 27 => "so-noi-vu-hung-yen", _ => "" } }
                cells[k % cells.len()] }).collect();
            text += &row.join("\t"); text.push('\n');
        }
        let common = if shift == 0 { Common::default() } else { Common { award: Some("LĐTT".into()), award_year: Some(2024), submitting_agency: Some("so-noi-vu-hung-yen".into()), letter_number: Some("1/TTr".into()), letter_date: Some(date!(2025-01-10)), ..Common::default() } };
        match reader.read("f", text.as_bytes(), &common, None, &mut |_| {}) { Ok(l) => out += &format!("{l:#?}\n"), Err(e) => out += &format!("{e}\n") }
    }
    for set in Law::embedded().rule_sets() { for a in Law::embedded().awards(&set.id) {
        let t = template(Law::embedded(), &a.code, &set.id, 2024).expect("t");
        use std::hash::{DefaultHasher, Hash, Hasher}; let mut h = DefaultHasher::new(); t.hash(&mut h);
        out += &format!("{} {} {} {}\n", set.id, a.code, t.len(), h.finish());
    } }
    std::fs::write(std::env::temp_dir().join("sheet-dump.txt"), out).expect("w");
}
