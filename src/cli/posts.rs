//! The rules that learn, each with what it knows, and the one sieve before all of them.
//!
//! The sieve names filters by their places, so places and sieve are made together and only here:
//! whoever wants other rules makes other posts.

use std::ops::Deref;

use crate::engine::{Buckets, Ledger};
use crate::rules::{Happening, Sieve, Watch};

/// A rule's watch, and the buckets in which what is being judged had something to say.
pub struct Post {
    /// The watch.
    pub watch: Watch,
    /// The buckets that what is judged was in; what was only learnt is not judged again.
    pub judged: Buckets,
}

/// What may change of a post: all but its rule.
pub struct PostMut<'p> {
    /// What is known.
    pub ledger: &'p mut Ledger,
    /// The buckets that what is judged was in.
    pub judged: &'p mut Buckets,
}

/// A post for each rule.
pub struct Posts {
    posts: Vec<Post>,
    sieve: Sieve,
}

impl Posts {
    /// A post for each of these.
    pub fn of(watches: impl IntoIterator<Item = Watch>) -> Posts {
        let post = |watch| Post { watch, judged: Buckets::default() };
        let posts: Vec<Post> = watches.into_iter().map(post).collect();
        let sieve = Sieve::of(posts.iter().map(|post| &post.watch.rule().filter));
        Posts { posts, sieve }
    }

    /// What may change of each.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = PostMut<'_>> {
        let posts = self.posts.iter_mut();
        posts.map(|post| PostMut { ledger: post.watch.ledger_mut(), judged: &mut post.judged })
    }

    /// Has all of them look at something that has fields.
    pub fn observe(&mut self, happening: &Happening, is_judged: bool) {
        self.sieve.shake();
        for (at, post) in self.posts.iter_mut().enumerate() {
            let counted = self.sieve.admits(at, happening.fields) && post.watch.note(happening);
            if counted && is_judged {
                post.judged.insert(post.watch.rule().question.span.bucket(happening.time_ms));
            }
        }
    }
}

impl Deref for Posts {
    type Target = [Post];

    fn deref(&self) -> &[Post] {
        &self.posts
    }
}
