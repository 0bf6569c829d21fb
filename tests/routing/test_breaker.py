from interlingua.routing.breaker import Breaker
from tests.routing.targets import Clock


def breaker(clock: Clock, *, failures: int = 2, cooldown: float = 4.0) -> Breaker:
    return Breaker(failures=failures, cooldown=cooldown, clock=clock, chance=lambda: 0.0)


def probe(tried: Breaker) -> None:
    assert tried.enter()
    tried.failed()


def test_it_opens_after_failures_in_a_row_and_lets_one_request_look_after_the_cooldown() -> None:
    clock = Clock()
    tried = breaker(clock)

    probe(tried)
    assert tried.state == "closed"
    probe(tried)
    assert (tried.state, tried.enter()) == ("open", False)
    clock.now += 4.0
    assert (tried.state, tried.enter(), tried.enter()) == ("half open", True, False)
    tried.succeeded()
    assert (tried.state, tried.enter()) == ("closed", True)


def test_each_look_in_vain_doubles_the_wait_up_to_three_times_the_cooldown() -> None:
    for cooldown in (0.5, 4.0, 60.0):
        clock = Clock()
        tried = breaker(clock, failures=1, cooldown=cooldown)
        waits: list[float] = []
        for _ in range(4):
            probe(tried)
            assert tried.until is not None
            waits.append((tried.until - clock.now) / cooldown)
            clock.now = tried.until

        assert waits == [1.0, 2.0, 3.0, 3.0]


def test_who_leaves_says_nothing_of_the_target_and_makes_room_for_another_look() -> None:
    clock = Clock()
    tried = breaker(clock, failures=1)
    probe(tried)
    clock.now += 4.0

    assert tried.enter()
    tried.left()

    assert (tried.state, tried.allows) == ("half open", True)


def test_half_of_the_last_twenty_is_too_much_even_if_never_in_a_row() -> None:
    tried = breaker(Clock(), failures=5)

    for _ in range(5):
        tried.failed()
        tried.succeeded()

    assert tried.state == "closed"
    tried.failed()
    assert tried.state == "open"
