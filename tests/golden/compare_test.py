"""Tests compare.py. Run with a Python that has numpy: python compare_test.py"""

import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import compare

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compare.py")


class ErrorTest(unittest.TestCase):
    def check(self, actual, expected, error):
        self.assertEqual(compare.error(np.array(actual), np.array(expected)), error)

    def test_is_relative_to_the_greatest_expected_value(self):
        self.check([1.0, -4.0], [1.5, -4.0], (0.5, 0.125))

    def test_any_difference_from_zeros_is_infinite(self):
        self.check([0.0, 1e-30], [0.0, 0.0], (1e-30, np.inf))

    def test_empty_tensors_agree(self):
        self.check(np.zeros([0, 3]), np.zeros([0, 3]), (0, 0))

    def test_nan_and_infinity_equal_only_themselves(self):
        self.check([np.nan, -np.inf, 1.0], [np.nan, -np.inf, 1.0], (0, 0))
        self.check([np.nan, 1.0], [2.0, 1.0], (np.inf, np.inf))
        self.check([2.0, 1.0], [np.nan, 1.0], (np.inf, np.inf))
        self.check([np.inf, 1.0], [-np.inf, 1.0], (np.inf, np.inf))

    def test_integers_and_strings_must_be_equal(self):
        self.check([2**53], [2**53], (0, 0))
        self.check([2**53 + 1], [2**53], (np.inf, np.inf))
        self.check([b"a"], [b"b"], (np.inf, np.inf))


class ProgramTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.actual = os.path.join(folder.name, "actual")
        self.expected = os.path.join(folder.name, "expected.npz")
        self.names = os.path.join(folder.name, "names.txt")
        os.mkdir(self.actual)

    def run_program(self, actual, expected, *flags):
        for name, value in actual.items():
            np.save(os.path.join(self.actual, name + ".npy"), value)
        np.savez(self.expected, **expected)
        command = [sys.executable, PROGRAM, self.actual, self.expected]
        return subprocess.run(
            command + list(flags),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).returncode

    def test_names_agree_as_trellis_writes_them(self):
        one = np.ones(2)
        self.assertEqual(self.run_program({"a_b_0": one}, {"a/b_0": one}), 0)
        self.assertEqual(self.run_program({"a_b_0": one}, {"a/b:0": one}), 0)
        self.assertEqual(self.run_program({"a_b_0": one}, {"a/b": one}), 1)

    def test_names_can_be_mapped(self):
        with open(self.names, "w") as f:
            f.write("v/w grad/AddN_1:0\n")
        actual, expected = {"grad_AddN_1_0": np.ones(2)}, {"g/v/w": np.ones(2)}
        flags = ["--from", "g/", "--names", self.names]
        self.assertEqual(self.run_program(actual, expected, *flags), 0)

    def test_tolerance_is_that_of_the_type(self):
        for dtype, within, beyond in (
            (np.float32, 0.9e-5, 1.2e-5),
            (np.float64, 0.9e-12, 1.2e-12),
        ):
            one = np.ones(2, dtype)
            self.assertEqual(
                self.run_program({"x": one + dtype(within)}, {"x": one}), 0
            )
            self.assertEqual(
                self.run_program({"x": one + dtype(beyond)}, {"x": one}), 1
            )

    def test_tolerance_can_be_given(self):
        flags = ["--tolerance", "0.5"]
        one = np.ones(2)
        self.assertEqual(self.run_program({"x": 1.5 * one}, {"x": one}, *flags), 0)
        self.assertEqual(self.run_program({"x": 1.6 * one}, {"x": one}, *flags), 1)

    def test_types_and_shapes_must_agree(self):
        one = np.ones(2)
        self.assertEqual(self.run_program({"x": np.float32(one)}, {"x": one}), 1)
        self.assertEqual(self.run_program({"x": one[:1]}, {"x": one}), 1)

    def test_sets_must_agree_unless_a_subset_is_allowed(self):
        one = np.ones(2)
        more = {"x": one, "y": one}
        self.assertEqual(self.run_program({"x": one}, more), 1)
        self.assertEqual(self.run_program({"x": one}, more, "--subset"), 0)
        self.assertEqual(self.run_program(more, {"x": one}, "--subset"), 1)

    def test_bad_input_is_an_error(self):
        flags = ["--names", self.names]
        self.assertEqual(self.run_program({}, {"x": np.ones(2)}, *flags), 2)
        self.assertEqual(self.run_program({}, {"a/b": 1, "a_b": 1}), 2)

    def test_nothing_to_compare_is_an_error(self):
        self.assertEqual(self.run_program({}, {"x": np.ones(2)}, "--subset"), 2)


if __name__ == "__main__":
    unittest.main()
