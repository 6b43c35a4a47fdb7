package auth_test

import (
	"fmt"

	"github.com/egress-io/egress/internal/auth"
)

// ParseSignature reads the header of a request that was signed with Zephr's scheme.
func ExampleParseSignature() {
	s, err := auth.ParseSignature("ZEPHR-HMAC-SHA256 AKEXAMPLE:1764390000000:nonce-1:9f2c1be07a54d3861fe0b6c85d7742a91c03ee58b7d6f4409ab81d25c6730fe4")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.AccessKey, s.Nonce)
	_, err = auth.ParseSignature("ZEPHR-HMAC-SHA256 AKEXAMPLE:soon:nonce-1:9f2c")
	fmt.Println(err)
	// Output:
	// AKEXAMPLE nonce-1
	// the timestamp is not a number of milliseconds
}
