//! Messages of the right shape and any content, from the descriptors that the services themselves show.

use std::collections::BTreeMap;

use prost::{
    Message as _,
    bytes::Buf as _,
    encoding::{DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field},
};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet, field_descriptor_proto::Type};

use crate::random::Random;

/// Messages within messages, at most.
const DEPTH_MAX: usize = 5;

/// A method of a service.
#[derive(Clone, Debug)]
pub struct Rpc {
    /// `/package.Service/Method`.
    pub path: String,
    /// Full name of the request's message.
    pub request: String,
    /// Whether the answer is a stream.
    pub answers_stream: bool,
}

/// All messages and methods of the house.
pub struct Shapes {
    messages: BTreeMap<String, DescriptorProto>,
    enums: BTreeMap<String, Vec<i32>>,
    /// All methods of all services.
    pub rpcs: Vec<Rpc>,
}

impl Shapes {
    /// Those that are compiled in.
    pub fn compiled() -> Self {
        let set = FileDescriptorSet::decode(proto::DESCRIPTORS).expect("the descriptors are our own");
        let mut shapes = Self {
            messages: BTreeMap::new(),
            enums: BTreeMap::new(),
            rpcs: Vec::new(),
        };
        for file in set.file {
            let package = file.package().to_owned();
            for service in &file.service {
                shapes.rpcs.extend(service.method.iter().map(|method| Rpc {
                    path: format!("/{package}.{}/{}", service.name(), method.name()),
                    request: method.input_type().trim_start_matches('.').to_owned(),
                    answers_stream: method.server_streaming(),
                }));
            }
            shapes.add(&package, file.message_type, file.enum_type);
        }
        shapes
    }

    fn add(&mut self, scope: &str, messages: Vec<DescriptorProto>, enums: Vec<prost_types::EnumDescriptorProto>) {
        for one in enums {
            let values = one.value.iter().map(prost_types::EnumValueDescriptorProto::number);
            self.enums.insert(format!("{scope}.{}", one.name()), values.collect());
        }
        for mut message in messages {
            let name = format!("{scope}.{}", message.name());
            let (nested, own) = (
                std::mem::take(&mut message.nested_type),
                std::mem::take(&mut message.enum_type),
            );
            self.add(&name, nested, own);
            self.messages.insert(name, message);
        }
    }

    /// The full names of all messages.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }

    /// A message of this name, encoded; its texts are some of `words`.
    pub fn any(&self, random: &mut Random, name: &str, words: &[String]) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(random, name, words, DEPTH_MAX, &mut out);
        out
    }

    /// The request id in an encoded message of this name, if there is one that can be read.
    pub fn request_id(&self, name: &str, message: &[u8]) -> Option<String> {
        let fields = &self.messages.get(name)?.field;
        let wanted = fields.iter().find(|field| field.name() == "request_id")?.number() as u32;
        let (mut rest, mut found) = (message, None);
        while rest.has_remaining() {
            let (tag, wire_type) = decode_key(&mut rest).ok()?;
            if tag == wanted && wire_type == WireType::LengthDelimited {
                let len = decode_varint(&mut rest).ok()? as usize;
                found = Some(String::from_utf8(rest.get(..len)?.to_vec()).ok()?);
                rest.advance(len);
            } else {
                skip_field(wire_type, tag, &mut rest, DecodeContext::default()).ok()?;
            }
        }
        found
    }

    fn write(&self, random: &mut Random, name: &str, words: &[String], depth: usize, out: &mut Vec<u8>) {
        let Some(message) = self.messages.get(name) else {
            return;
        };
        for field in &message.field {
            let times = match random.below(8) {
                0 => 0,
                1 if depth == DEPTH_MAX => random.below(9),
                _ => 1,
            };
            for _ in 0..times {
                self.write_field(random, field, words, depth, out);
            }
        }
        // A field that we do not know.
        if random.one_in(16) {
            encode_key(1_000, WireType::LengthDelimited, out);
            encode_varint(3, out);
            out.extend(random.bytes(3));
        }
    }

    fn write_field(
        &self,
        random: &mut Random,
        field: &FieldDescriptorProto,
        words: &[String],
        depth: usize,
        out: &mut Vec<u8>,
    ) {
        let tag = field.number() as u32;
        let mut delimited = |bytes: &[u8]| {
            encode_key(tag, WireType::LengthDelimited, out);
            encode_varint(bytes.len() as u64, out);
            out.extend_from_slice(bytes);
        };
        match field.r#type() {
            Type::String if field.name() == "request_id" && !random.one_in(8) => delimited(random.uuid().as_bytes()),
            Type::String => delimited(word(random, words).as_bytes()),
            Type::Bytes => {
                let len = random.below(64);
                delimited(&random.bytes(len));
            }
            Type::Message | Type::Group => {
                if depth > 0 {
                    let mut inner = Vec::new();
                    let name = field.type_name().trim_start_matches('.');
                    self.write(random, name, words, depth - 1, &mut inner);
                    delimited(&inner);
                }
            }
            Type::Double | Type::Fixed64 | Type::Sfixed64 => {
                encode_key(tag, WireType::SixtyFourBit, out);
                out.extend(random.number().to_le_bytes());
            }
            Type::Float | Type::Fixed32 | Type::Sfixed32 => {
                encode_key(tag, WireType::ThirtyTwoBit, out);
                out.extend((random.number() as u32).to_le_bytes());
            }
            Type::Enum => {
                let values = self.enums.get(field.type_name().trim_start_matches('.'));
                let value = match values {
                    Some(values) if !random.one_in(8) => *random.pick(values),
                    _ => random.number() as i32,
                };
                encode_key(tag, WireType::Varint, out);
                encode_varint(value as u64, out);
            }
            Type::Bool => {
                encode_key(tag, WireType::Varint, out);
                encode_varint(random.below(2) as u64, out);
            }
            Type::Int32 | Type::Int64 | Type::Uint32 | Type::Uint64 | Type::Sint32 | Type::Sint64 => {
                encode_key(tag, WireType::Varint, out);
                encode_varint(number(random), out);
            }
        }
    }
}

fn number(random: &mut Random) -> u64 {
    const EXTREMES: [u64; 10] = [
        0,
        1,
        2,
        u64::MAX,
        i64::MAX as u64,
        i64::MIN as u64,
        i32::MAX as u64,
        u32::MAX as u64,
        i32::MIN as u64,
        1_757_898_000_000_000,
    ];
    match random.below(3) {
        0 => random.number(),
        1 => random.below(100) as u64,
        _ => *random.pick(&EXTREMES),
    }
}

fn word(random: &mut Random, words: &[String]) -> String {
    const ODD: [&str; 14] = [
        "",
        " ",
        "\0",
        "../../etc/passwd",
        "'; DROP TABLE history; --",
        "%",
        "_",
        "*",
        ">",
        "a/b/c",
        "\u{202e}ngược",
        "𝔘𝔫𝔦",
        "9999-12-31",
        "0000-00-00",
    ];
    match random.below(12) {
        0 => (*random.pick(&ODD)).to_owned(),
        1 => "ệ".repeat(random.below(400)),
        2 => random.uuid(),
        3 => {
            let len = random.below(12);
            String::from_utf8_lossy(&random.bytes(len)).into_owned()
        }
        _ if words.is_empty() => String::new(),
        _ => random.pick(words).clone(),
    }
}
