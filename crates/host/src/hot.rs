//! States of aggregates that were touched lately, so that what moves often is neither read nor decoded each time. A
//! commit says on which version it was decided, so an old state here decides nothing; reads for people never come here.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use journal::Key;

/// How many states one generation holds; two generations are kept.
const GENERATION: usize = 256;

/// An aggregate's state, decoded.
#[derive(Clone)]
pub(crate) struct Hot {
    pub(crate) version: u64,
    pub(crate) seq: u64,
    pub(crate) machine_version: u32,
    pub(crate) snapshot: Arc<dyn Any + Send + Sync>,
}

/// The states of one service that were touched lately: what was not touched for a whole generation is forgotten.
#[derive(Clone, Default)]
pub(crate) struct HotStates(Arc<Mutex<Generations>>);

#[derive(Default)]
struct Generations {
    young: HashMap<Key, Hot>,
    old: HashMap<Key, Hot>,
}

impl HotStates {
    fn with<R>(&self, act: impl FnOnce(&mut Generations) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Hot> {
        self.with(|states| {
            if let Some(hot) = states.young.get(key) {
                return Some(hot.clone());
            }
            let hot = states.old.remove(key)?;
            states.put(key.clone(), hot.clone());
            Some(hot)
        })
    }

    /// Takes states that are committed; an older one does not take the place of a newer.
    pub(crate) fn learn(&self, fresh: Vec<(Key, Hot)>) {
        self.with(|states| {
            for (key, hot) in fresh {
                let known = states.young.get(&key).or_else(|| states.old.get(&key));
                if known.is_none_or(|known| known.version <= hot.version) {
                    states.put(key, hot);
                }
            }
        });
    }

    pub(crate) fn forget<'a>(&self, keys: impl Iterator<Item = &'a Key>) {
        self.with(|states| {
            for key in keys {
                states.young.remove(key);
                states.old.remove(key);
            }
        });
    }
}

impl Generations {
    fn put(&mut self, key: Key, hot: Hot) {
        self.old.remove(&key);
        if self.young.len() >= GENERATION && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, hot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hot(version: u64) -> Hot {
        Hot {
            version,
            seq: 0,
            machine_version: 1,
            snapshot: Arc::new(()),
        }
    }

    #[test]
    fn what_is_not_touched_is_forgotten_and_the_newest_stays() {
        let states = HotStates::default();
        let key = |n: usize| Key::new("toy", format!("{n}"));
        states.learn(vec![(key(0), hot(2))]);
        states.learn(vec![(key(0), hot(1))]);
        assert_eq!(states.get(&key(0)).map(|hot| hot.version), Some(2));
        for n in 1..3 * GENERATION {
            states.learn(vec![(key(n), hot(1))]);
            if n == GENERATION {
                assert!(states.get(&key(0)).is_some(), "it is touched");
            }
        }
        assert!(states.get(&key(0)).is_none());
        let newest = key(3 * GENERATION - 1);
        assert!(states.get(&newest).is_some());
        states.forget([&newest].into_iter());
        assert!(states.get(&newest).is_none());
    }
}
