// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace openpcc {

// Unverified holds what a peer claims. Parsers return it; only a verifier should look inside to judge it, and people may
// be shown it. The name of the accessor is what a review looks for.
template <class T>
class Unverified {
  public:
    explicit Unverified(T value) : value_(std::move(value)) {}
    const T& claimed() const& { return value_; }
    T claimed() && { return std::move(value_); }

  private:
    T value_;
};

// Verified holds what a verifier has accepted. Only a type that T names as `T::Verifier` can make one, so a
// `Verified<NodeKey>` in a signature means that verification has happened.
template <class T>
class Verified {
  public:
    const T& operator*() const { return value_; }
    const T* operator->() const { return &value_; }

  private:
    friend typename T::Verifier;
    explicit Verified(T value) : value_(std::move(value)) {}
    T value_;
};

}  // namespace openpcc
