//! Documents that are well formed and still wrong: values in the place of others, missing, doubled, extreme.

use serde_json::{Value, json};

use crate::random::Random;

/// A changed copy of a document; `other` is where foreign values come from.
pub fn mutate(random: &mut Random, document: &Value, other: &Value) -> Value {
    let mut changed = document.clone();
    for _ in 0..=random.below(3) {
        let at = random.below(size(&changed));
        let foreign = nth(other, &mut random.below(size(other))).clone();
        change(random, nth_mut(&mut changed, &mut { at }), foreign);
    }
    changed
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 0,
    }
}

fn nth<'a>(value: &'a Value, left: &mut usize) -> &'a Value {
    let mut at = value;
    'down: while *left > 0 {
        *left -= 1;
        let inner: Vec<&Value> = match at {
            Value::Array(items) => items.iter().collect(),
            Value::Object(fields) => fields.values().collect(),
            _ => return at,
        };
        for one in inner {
            let size = size(one);
            if *left < size {
                at = one;
                continue 'down;
            }
            *left -= size;
        }
        return at;
    }
    at
}

fn nth_mut<'a>(value: &'a mut Value, left: &mut usize) -> &'a mut Value {
    if *left == 0 {
        return value;
    }
    let inner: Vec<usize> = match &*value {
        Value::Array(items) => items.iter().map(size).collect(),
        Value::Object(fields) => fields.values().map(size).collect(),
        _ => return value,
    };
    *left -= 1;
    for (at, size) in inner.into_iter().enumerate() {
        if *left < size {
            let one = match value {
                Value::Array(items) => items.get_mut(at),
                Value::Object(fields) => fields.values_mut().nth(at),
                _ => None,
            };
            return nth_mut(one.expect("it was counted"), left);
        }
        *left -= size;
    }
    unreachable!("a document has as many values as it was counted to have")
}

fn change(random: &mut Random, value: &mut Value, foreign: Value) {
    let extremes = [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e308),
        json!(0.5),
        json!(""),
        json!(" "),
        json!("ệ".repeat(300)),
        json!("\u{0}"),
        json!("9999-12-31"),
        json!("0001-01-01"),
        json!("-262143-01-01"),
        json!("2024-02-29"),
        json!("2025-06-15"),
        json!([]),
        json!({}),
    ];
    match (random.below(6), &mut *value) {
        (0 | 1, Value::String(text)) => {
            // A date, a number or a code that is nearly the same.
            let mut bytes = std::mem::take(text).into_bytes();
            let digits: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
            if !digits.is_empty() {
                let at = *random.pick(&digits);
                bytes[at] = b'0' + random.below(10) as u8;
            }
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
        (0 | 1, Value::Number(number)) => {
            let near = number.as_i64().unwrap_or(0).wrapping_add(random.below(7) as i64 - 3);
            *value = json!(near);
        }
        (0, Value::Array(items)) if !items.is_empty() => {
            items.remove(random.below(items.len()));
        }
        (1, Value::Array(items)) if !items.is_empty() => {
            let again = random.pick(items).clone();
            let times = if random.one_in(10) { 200 } else { 1 };
            items.extend(std::iter::repeat_n(again, times));
        }
        (2, Value::Array(items)) => items.push(foreign),
        (0 | 1, Value::Object(fields)) if !fields.is_empty() => {
            let names: Vec<String> = fields.keys().cloned().collect();
            fields.remove(random.pick(&names));
        }
        (2, Value::Object(fields)) => {
            fields.insert("unknown".to_owned(), foreign);
        }
        (3, _) => *value = foreign,
        _ => *value = random.pick(&extremes).clone(),
    }
}
