//! Enums whose variants are words of our API: the same word in tokens, logs, tables and on the command line.

/// A text that is none of the words that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} `{got}`: use one of {known}")]
pub struct UnknownWord {
    /// What was looked for, such as `role`.
    pub kind: &'static str,
    /// What was given.
    pub got: String,
    /// The words that would have done.
    pub known: String,
}

/// Declares an enum with `ALL`, `as_str`, `Display`, `FromStr` and serde, all from one word per variant.
macro_rules! words {
    (
        $(#[$meta:meta])*
        $kind:literal $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[$doc])* #[serde(rename = $word)] $variant, )+ }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The word that tokens, logs and the command line use.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word).ok_or_else(|| $crate::UnknownWord {
                    kind: $kind,
                    got: word.to_owned(),
                    known: Self::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}
pub(crate) use words;
