package cataloguetest

import "crypto/ed25519"

// privateKey is that of System, the same in every test.
var privateKey = ed25519.NewKeyFromSeed([]byte("a seed for tests, 32 bytes long!"))

// PublicKey is the key that the city knows of System.
func PublicKey() ed25519.PublicKey { return privateKey.Public().(ed25519.PublicKey) }

// Sign signs a message as System does.
func Sign(message []byte) []byte { return ed25519.Sign(privateKey, message) }
