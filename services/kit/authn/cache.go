package authn

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"
)

// verified is what is kept of a token once its signature was checked.
type verified struct {
	caller  *Caller
	keyID   string
	issued  time.Time
	starts  time.Time // nbf, less the leeway
	expires time.Time // exp, plus the leeway
}

type digest = [sha256.Size]byte

// cache keeps verified tokens under their digest, the least recently used one leaving first. The digest is the key rather
// than the token, so that a dump of memory or a debugger's view of the map hands nobody a usable token.
type cache struct {
	mu    sync.Mutex
	limit int
	items map[digest]*list.Element
	order *list.List // front: used last
}

type item struct {
	key   digest
	value *verified
}

func newCache(limit int) *cache {
	return &cache{limit: limit, items: make(map[digest]*list.Element), order: list.New()}
}

func (c *cache) get(key digest) *verified {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.items[key]
	if !ok {
		return nil
	}
	c.order.MoveToFront(element)
	return element.Value.(*item).value
}

func (c *cache) put(key digest, value *verified) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.items[key]; ok {
		element.Value.(*item).value = value
		c.order.MoveToFront(element)
		return
	}
	if len(c.items) >= c.limit {
		oldest := c.order.Back()
		c.order.Remove(oldest)
		delete(c.items, oldest.Value.(*item).key)
	}
	c.items[key] = c.order.PushFront(&item{key: key, value: value})
}

func (c *cache) drop(key digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.items[key]; ok {
		c.order.Remove(element)
		delete(c.items, key)
	}
}
