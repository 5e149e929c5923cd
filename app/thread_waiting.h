#pragma once
// How long OpenMP's threads spin for work before they sleep.
//
// libgomp spins for milliseconds by default. Alone on its cores a process gains nothing from so long a
// wait, but beside another busy one it loses most of its speed: seen on two cores, training beside a
// compiler, 2,400 instead of 13,400 tokens a second.

namespace heddle::app {

// Sets a short spin, unless the user's environment says something (GOMP_SPINCOUNT, OMP_WAIT_POLICY).
// libgomp reads it before main(), so the program starts itself again, once.
void shorten_thread_waiting(char** argv);

}  // namespace heddle::app
