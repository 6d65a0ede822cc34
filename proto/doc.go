// Package proto is the module of Through-Train's shared contracts. The sources are in api/, what is generated from them in gen/;
// nothing here imports another module of ours.
package proto
